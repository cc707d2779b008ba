using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>
/// Another person's user record, for system administrators (docs/spec.md 5.2). The address of one's own record leads to My user record, the only
/// place that applies the rules for one's own proof, password and sessions.
/// </summary>
public sealed partial class UserRecordPage(
    UserDetails users,
    UserAdministration administration,
    StepUp stepUp,
    Announcer announcer,
    BrowserTime browser,
    NavigationManager navigation,
    TimeProvider time) : IDisposable
{
    private UserRecord? record;
    private Guid shown;
    private bool missing, editing, extending, lifting, giving;
    private Act? asked;
    private StepUpForm proof = null!;
    private string? problem;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    private string? MfaHint => record switch
    {
        { MfaSwitchedOn: false } => Texts.Users_MfaSwitchedOff,
        { MfaRemovalAt: not null } user => Phrase.Of(Texts.Users_MfaRemovalHint, user.Name),
        { Enrolled: true } user => Phrase.Of(Texts.Users_MfaOtherHint, user.Name),
        _ => null,
    };

    private Act InviteAgain =>
        new(Texts.Users_InviteAgainQuestion, Texts.Users_InviteAgainSentence, false, Texts.Users_InvitedAgain,
            () => administration.InviteAgainAsync(Id), record!);

    private Act ResetPassword =>
        new(Texts.Users_ResetPasswordQuestion, Texts.Users_ResetPasswordSentence, true, Texts.Users_PasswordWasReset,
            () => administration.ResetPasswordAsync(Id), record!)
        { NeedsProof = true };

    private Act Unlock =>
        new(Texts.Users_UnlockQuestion, Texts.Users_UnlockSentence, false, Texts.Users_Unlocked,
            () => administration.UnlockAsync(Id), record!);

    private Act Lock =>
        new(Texts.Users_LockQuestion, Texts.Users_LockSentence, true, Texts.Users_Locked,
            () => administration.LockAsync(Id), record!);

    private Act Activate =>
        new(Texts.Users_ActivateQuestion, Texts.Users_ActivateSentence, false, Texts.Users_Activated,
            () => administration.ActivateAsync(Id), record!);

    private Act Deactivate =>
        new(Texts.Users_DeactivateQuestion, Texts.Users_DeactivateSentence, true, Texts.Users_Deactivated,
            () => administration.DeactivateAsync(Id), record!);

    private Act EndSessions =>
        new(Texts.Users_EndSessionsQuestion, Texts.Users_EndSessionsSentence, true, Texts.Users_SessionsEnded,
            () => administration.EndSessionsAsync(Id), record!);

    private Act StopMfaRemoval =>
        new(Texts.Users_StopMfaRemovalQuestion, Texts.Users_StopMfaRemovalSentence, false, Texts.Users_MfaRemovalStopped,
            () => administration.StopMfaRemovalAsync(Id), record!)
        { NeedsProof = true };

    private Act DisableMfa =>
        new(Texts.Users_DisableMfaQuestion, DisableSentence, true, Texts.Users_MfaDisabled,
            () => administration.DisableMfaAsync(Id), record!)
        { NeedsProof = true };

    /// <summary>Says also that it has to be set up again, if the user must use MFA (docs/spec.md 12.3).</summary>
    private string DisableSentence => record is { MustUseMfa: true }
        ? $"{Texts.Users_DisableMfaSentence} {Texts.Users_DisableMfaMust}"
        : Texts.Users_DisableMfaSentence;

    public void Dispose() => browser.Changed -= OnBrowserTimeChanged;

    protected override void OnInitialized()
    {
        proof = new(stepUp, StepUpFor.ActingAsAdministrator, time);
        browser.Changed += OnBrowserTimeChanged;
    }

    protected override async Task OnParametersSetAsync()
    {
        if (shown == Id) return;
        shown = Id;
        if ((await Authentication).User.FindFirstValue(ClaimTypes.NameIdentifier) == Id.ToString())
        {
            navigation.NavigateTo(PortalUrls.Account, replace: true);
            return;
        }
        (record, missing) = (null, false);
        await ReloadAsync();
    }

    private Act EndSession(SessionRow session) =>
        new(Texts.Users_EndSessionQuestion, Texts.Users_EndSessionSentence, true, Texts.Users_SessionEnded,
            () => administration.EndSessionAsync(Id, session.Id), record!, BrowserName.Of(session.UserAgent));

    private void OnBrowserTimeChanged() => InvokeAsync(StateHasChanged);

    private async Task AskAsync(Act act)
    {
        if (act.NeedsProof) await proof.AskAsync();
        asked = act;
    }

    private async Task ActAsync()
    {
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        UserOutcome outcome;
        try
        {
            outcome = await asked!.RunAsync();
        }
        catch (RecoveryHoldException)
        {
            problem = Texts.Hold_Refused;
            return;
        }
        switch (outcome)
        {
            case UserOutcome.Done:
                announcer.Announce(asked.Done);
                break;
            case UserOutcome.NothingToDo:
                announcer.Announce(Texts.Users_NothingToDo);
                break;
            case UserOutcome.StepUpNeeded:
                await proof.AskAsync();
                problem = Texts.Users_ProveAgain;
                return;
            case UserOutcome.LastAdministrator:
                problem = Phrase.Of(Texts.Users_LastAdministrator, record!.Name);
                return;
            case UserOutcome.NotActive:
                problem = Phrase.Of(Texts.Users_NotActive, record!.Name);
                return;
            case UserOutcome.OwnAccount:
                problem = Texts.Users_OwnAccount;
                return;
            case UserOutcome.NoSuchUser:
                problem = Texts.Users_NoSuchUser;
                return;
        }
        await ReloadAsync();
    }

    private async Task ReloadAsync()
    {
        Close();
        editing = extending = lifting = giving = false;
        record = await users.ReadAsync(Id);
        missing = record is null;
    }

    private void Close()
    {
        (asked, problem) = (null, null);
        proof.Clear();
    }

    /// <summary>What a popup asks, what OK does, and what is announced afterwards.</summary>
    private sealed class Act(
        string question, string sentence, bool danger, string done, Func<Task<UserOutcome>> run, UserRecord user, string? detail = null)
    {
        public string Question { get; } = Phrase.Of(question, user.Name);

        /// <summary>What happens to whom, in one sentence: {0} the person, {1} "is signed out of 2 sessions", {2} a detail.</summary>
        public string Sentence { get; } = Phrase.Of(sentence, user.Name, SignedOut(user.Sessions.Count), detail);

        public bool Danger { get; } = danger;

        public string Done { get; } = Phrase.Of(done, user.Name);

        public bool NeedsProof { get; init; }

        public Task<UserOutcome> RunAsync() => run();

        private static string SignedOut(int sessions) => sessions switch
        {
            0 => Texts.Users_SignedOutEverywhere,
            1 => Texts.Users_SignedOutOfOne,
            _ => Phrase.Of(Texts.Users_SignedOutOf, sessions),
        };
    }
}
