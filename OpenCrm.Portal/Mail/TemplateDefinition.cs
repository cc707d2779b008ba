using System.Globalization;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// A kind of mail that the portal sends (docs/spec.md 6.1): its key, and the fields that its template may use besides <see cref="CommonFields"/>.
/// </summary>
/// <param name="Key">Never changes: it is in the header <c>X-Portal-Template</c>, the address of the editor and the names of the default's
/// files.</param>
public sealed record TemplateDefinition(string Key, IReadOnlyList<MergeField> OwnFields)
{
    internal const string CompanyName = "company_name", PortalUrl = "portal_url", PortalHost = "portal_host", RecipientName = "recipient_name";

    /// <summary>What every template may show: the company, the portal's address in full and its host alone, the recipient.</summary>
    public static readonly IReadOnlyList<MergeField> CommonFields =
    [
        new(CompanyName, "Northwind Instruments"),
        new(PortalUrl, "https://portal.northwind.test"),
        new(PortalHost, "portal.northwind.test"),
        new(RecipientName, "Ann Lee"),
    ];

    /// <summary>All fields that the template may use. One that names anything else does not render.</summary>
    public IReadOnlyList<MergeField> Fields { get; } = [.. CommonFields, .. OwnFields];

    /// <summary>Fields whose values let anybody who reads them act in the recipient's name.</summary>
    internal IReadOnlyList<string> Secrets { get; } = [.. OwnFields.Where(field => field.HoldsToken).Select(field => field.Name)];

    /// <summary>
    /// Whether the mails hold a live link. A change of such a template could send the link elsewhere, so it asks for a recent step-up.
    /// </summary>
    public bool HoldsToken => Secrets.Count > 0;

    /// <summary>Values for a preview or a test message in English.</summary>
    public IReadOnlyDictionary<string, string> SampleValues => SampleValuesIn(Languages.English);

    /// <summary>Values for a preview or a test message.</summary>
    public IReadOnlyDictionary<string, string> SampleValuesIn(CultureInfo language) =>
        OwnFields.ToDictionary(f => f.Name, f => f.SampleIn(language));

    /// <summary>
    /// Names the text of one language in the audit trail: the key alone for English, whose texts are the oldest, else such as <c>test/de</c>. See
    /// <see cref="TemplateWording.Name"/>.
    /// </summary>
    public string TextName(CultureInfo language) => TextName(Key, language.Name);

    internal static string TextName(string key, string language) => language == Languages.English.Name ? key : $"{key}/{language}";
}
