using System.Globalization;

namespace OpenCrm.Portal.Audit;

/// <summary>The kinds of events in words: the texts <c>Audit_KIND</c>.</summary>
public static class AuditWords
{
    public static string Of(string kind) => Texts.ResourceManager.GetString($"Audit_{kind}", CultureInfo.CurrentUICulture) ?? kind;
}
