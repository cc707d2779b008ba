using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>Shows on the page of a mailed link who is signed in in this browser, and what the form would do to that session.</summary>
public sealed partial class LinkVisitor
{
    private string? problem;

    [Inject] private SignOut Leaving { get; set; } = null!;

    [Inject] private ILogger<LinkVisitor> Log { get; set; } = null!;

    internal static string NameOf(ClaimsPrincipal person) => person.FindFirstValue(PortalClaims.DisplayName) ?? person.Identity?.Name ?? "";

    /// <summary>Signs out and stays on the page: it is rendered again without a user, and its script still holds the token.</summary>
    private async Task LeaveAsync() =>
        problem = await PageAction.RunAsync(Leaving.SignOutAsync, broken => LogFailed(Log, broken), Texts.Shell_NotSignedOut);

    [LoggerMessage(LogLevel.Error, "Somebody could not be signed out on the page of a mailed link")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
