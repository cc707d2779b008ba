namespace OpenCrm.Portal.Mail;

/// <summary>A kind of mail that the portal sends (spec 6.1): its key, and the fields that its template may use besides <see cref="CommonFields"/>.</summary>
/// <param name="Key">Stable: header <c>X-Portal-Template</c>, address of the editor, name of the default's files.</param>
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

    /// <summary>The whitelist: a template that names anything else does not render.</summary>
    public IReadOnlyList<MergeField> Fields { get; } = [.. CommonFields, .. OwnFields];

    /// <summary>Fields whose values let whoever reads them act in the recipient's name.</summary>
    internal IReadOnlyList<string> Secrets { get; } = [.. OwnFields.Where(field => field.HoldsToken).Select(field => field.Name)];

    /// <summary>A change of this template could send somebody's live link away: it asks for a fresh proof (spec 3.5).</summary>
    public bool HoldsToken => Secrets.Count > 0;

    /// <summary>Values for a preview or a test message.</summary>
    public IReadOnlyDictionary<string, string> SampleValues => OwnFields.ToDictionary(f => f.Name, f => f.Sample);
}
