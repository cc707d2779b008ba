using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Removes one of one's own authenticators, after a fresh proof.</summary>
public sealed partial class RemoveAuthenticatorPopup(
    OwnAuthenticators own, StepUp stepUp, Announcer announcer, TimeProvider time, ILogger<RemoveAuthenticatorPopup> log)
{
    private StepUpForm proof = null!;
    private string? problem;

    [Parameter, EditorRequired] public AuthenticatorRow Authenticator { get; set; } = null!;

    [Parameter] public EventCallback OnRemoved { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    protected override async Task OnInitializedAsync()
    {
        proof = new(stepUp, StepUpFor.ChangingOwnAuthenticator, time);
        await proof.AskAsync();
    }

    private async Task RemoveAsync()
    {
        problem = null;
        problem = await PageAction.RunAsync(TryRemoveAsync, broken => LogFailed(log, broken), Texts.Users_NotSaved) ?? problem;
    }

    private async Task TryRemoveAsync()
    {
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        switch (await own.RemoveAsync(Authenticator.Id))
        {
            case AuthenticatorOutcome.StepUpNeeded needed:
                proof.Ask(needed.Need);
                problem = Texts.Users_ProveAgain;
                return;
            case AuthenticatorOutcome.IsOnlyOne:
                problem = Phrase.Of(Texts.Users_OnlyAuthenticator, Texts.Users_DisableMfa);
                return;
            case AuthenticatorOutcome.Gone:
                announcer.Announce(Texts.Users_AuthenticatorGone);
                break;
            default:
                announcer.Announce(Phrase.Of(Texts.Users_AuthenticatorRemoved, Authenticator.Name));
                break;
        }
        await OnRemoved.InvokeAsync();
    }

    [LoggerMessage(LogLevel.Error, "An authenticator could not be removed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
