using System.Globalization;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>Says what a merge field holds: the texts <c>MailField_NAME</c>.</summary>
internal static class FieldWording
{
    /// <summary>What the field holds in plain words; its sample where nothing is written about it.</summary>
    public static string Of(MergeField field) => Find(field.Name) ?? Phrase.Of(Texts.EmailTemplates_Sample, field.Sample);

    internal static string? Find(string name) => Texts.ResourceManager.GetString($"MailField_{name}", CultureInfo.CurrentUICulture);
}
