using System.Security.Claims;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>Shows on the page of a mailed link who is signed in in this browser, and what the form would do to that session.</summary>
public sealed partial class LinkVisitor(SignOut leaving, ILogger<LinkVisitor> log)
{
    private string? problem;

    internal static string NameOf(ClaimsPrincipal person) => person.FindFirstValue(PortalClaims.DisplayName) ?? person.Identity?.Name ?? "";

    /// <summary>Signs out and stays on the page: it is rendered again without a user, and its script still holds the token.</summary>
    private async Task LeaveAsync() =>
        problem = await PageAction.RunAsync(leaving.SignOutAsync, broken => LogFailed(log, broken), Texts.Shell_NotSignedOut);

    [LoggerMessage(LogLevel.Error, "Somebody could not be signed out on the page of a mailed link")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
