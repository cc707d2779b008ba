using OpenCrm.Portal.EmailTemplates;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.EmailTemplates;

/// <summary>What is said about a merge field where it is offered.</summary>
public sealed class FieldWordingTests
{
    /// <summary>Red for a new field until Texts.resx says as MailField_NAME what it holds.</summary>
    [Fact]
    public void Every_merge_field_is_described_in_both_languages() =>
        Assert.Empty(
            from field in TemplateCatalogue.All.SelectMany(template => template.Fields).DistinctBy(field => field.Name)
            from language in new[] { Languages.English, Languages.German }
            where Languages.In(language, () => FieldWording.Find(field.Name)) is null
            select $"{field.Name} {language}");
}
