using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Gives one of one's own authenticators another name.</summary>
public sealed partial class RenameAuthenticatorPopup(OwnAuthenticators own, Announcer announcer, ILogger<RenameAuthenticatorPopup> log)
{
    private string? name, fault, problem;

    [Parameter, EditorRequired] public AuthenticatorRow Authenticator { get; set; } = null!;

    [Parameter] public EventCallback OnRenamed { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    protected override void OnInitialized() => name = Authenticator.Name;

    private async Task RenameAsync()
    {
        fault = null;
        problem = await PageAction.RunAsync(TryRenameAsync, broken => LogFailed(log, broken), Texts.Users_NotSaved);
    }

    private async Task TryRenameAsync()
    {
        switch (await own.RenameAsync(Authenticator.Id, name ?? ""))
        {
            case AuthenticatorOutcome.NameRefused:
                fault = Phrase.Of(Texts.Enrolment_NameRefused, Accounts.Authenticator.NameLength);
                return;
            case AuthenticatorOutcome.Gone:
                announcer.Announce(Texts.Users_AuthenticatorGone);
                break;
            default:
                announcer.Announce(Phrase.Of(Texts.Users_AuthenticatorRenamed, name!.Trim()));
                break;
        }
        await OnRenamed.InvokeAsync();
    }

    [LoggerMessage(LogLevel.Error, "An authenticator could not be renamed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
