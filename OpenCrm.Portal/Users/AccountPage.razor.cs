using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>One's own user record: details, MFA, sessions and recent activity.</summary>
public sealed partial class AccountPage(
    OwnRecord ownRecord,
    StepUp stepUp,
    Announcer announcer,
    BrowserTime browser,
    NavigationManager navigation,
    TimeProvider time) : IDisposable
{
    private UserRecord? record;
    private bool asking, editing;
    private Popups open;
    private SessionRow? ending;
    private AuthenticatorRow? chosen;
    private StepUpForm proof = null!;
    private string? problem;

    private string MfaHint => record switch
    {
        { MfaSwitchedOn: false } => Texts.Users_MfaSwitchedOff,
        { MfaSince: null } => Texts.Users_MfaOffHint,
        { MfaRemovalAt: not null } => Texts.Users_MfaRemovalOwnHint,
        { FewRecoveryCodesLeft: true } => Phrase.Of(Texts.Users_FewRecoveryCodes, Texts.Users_NewRecoveryCodes),
        _ => Texts.Users_MfaOnHint,
    };

    /// <summary>Says also that it has to be set up again, to somebody who must use MFA (docs/spec.md 12.3).</summary>
    private string DisableSentence => record is { MustUseMfa: true }
        ? $"{Texts.Users_DisableOwnMfaSentence} {Texts.Users_DisableOwnMfaMust}"
        : Texts.Users_DisableOwnMfaSentence;

    protected override async Task OnInitializedAsync()
    {
        browser.Changed += OnBrowserTimeChanged;
        proof = new(stepUp, StepUpFor.DisablingOwnMfa, time);
        record = await ownRecord.ReadAsync();
    }

    public void Dispose() => browser.Changed -= OnBrowserTimeChanged;

    private void OnBrowserTimeChanged() => InvokeAsync(StateHasChanged);

    private async Task OnEditedAsync()
    {
        editing = false;
        record = await ownRecord.ReadAsync();
    }

    private async Task OnChangedAsync()
    {
        open = Popups.None;
        record = await ownRecord.ReadAsync();
    }

    /// <summary>Without the only one MFA is off, so that is what is asked (docs/spec.md 3.1).</summary>
    private Task AskRemoveAsync(AuthenticatorRow authenticator)
    {
        if (record!.Authenticators.Count == 1) return AskDisableAsync();
        (open, chosen) = (Popups.RemoveAuthenticator, authenticator);
        return Task.CompletedTask;
    }

    private async Task AskDisableAsync()
    {
        await proof.AskAsync();
        asking = true;
    }

    private async Task DisableAsync()
    {
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        DisableMfaOutcome outcome;
        try
        {
            outcome = await ownRecord.DisableMfaAsync();
        }
        catch (RecoveryHoldException)
        {
            problem = Texts.Hold_Refused;
            return;
        }
        switch (outcome)
        {
            case DisableMfaOutcome.StepUpNeeded needed:
                proof.Ask(needed.Need);
                problem = Texts.Users_ProveAgain;
                return;
            case DisableMfaOutcome.Done:
                announcer.Announce(Texts.Users_MfaDisabled);
                break;
        }
        Close();
        record = await ownRecord.ReadAsync();
    }

    private void Close()
    {
        (asking, problem) = (false, null);
        proof.Clear();
    }

    private enum Popups
    {
        None,
        ChangePassword,
        ChangeEmail,
        EndSessions,
        RenameAuthenticator,
        RemoveAuthenticator,
        NewRecoveryCodes,
    }
}
