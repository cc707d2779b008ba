using OpenCrm.Portal.Audit;
using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Home;

/// <summary>The newest events that an administrator should notice; each leads to all of its kind.</summary>
public sealed partial class SecurityEvents(BrowserTime browser)
{
    private static string ListOf(SecurityEvent happened) => PortalUrls.AuditTrail + new AuditQuery { Kind = happened.Kind }.ToQueryString();

    /// <summary>Whom it is about, what in particular, and who did it.</summary>
    private string Particulars(SecurityEvent happened) => string.Join(" · ", new[]
    {
        happened.About ?? "",
        AuditWording.Details(happened.Kind, happened.Details, browser.Exact),
        AuditWording.Source(happened.By, happened.Address),
    }.Where(part => part.Length > 0));
}
