using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.SignIn;

/// <summary>Asks for the password, then for the code, in one card: on the sign-in page, and in place of a page that requires signing in.</summary>
public sealed partial class SignInForm(
    SignInConversation conversation,
    SessionCookie cookie,
    CookieAdvice noCookies,
    PortalAuthenticationStateProvider authentication,
    TimeProvider time)
{
    private Step step = Step.Password;
    private string? name, password, code, person, problem;
    private bool nameMissing, passwordMissing, wrongCode, recovery;
    private Refusal? locked;

    /// <summary>
    /// Raised after the circuit has switched to the person. Without a handler, the page that was asked for appears in this place by itself.
    /// </summary>
    [Parameter] public EventCallback OnSignedIn { get; set; }

    [CascadingParameter(Name = "Company")] private string? Company { get; set; }

    protected override void OnInitialized() => problem = authentication.EndedBy is { } by ? Reason(by) : null;

    private async Task OnPasswordAsync()
    {
        problem = null;
        (nameMissing, passwordMissing) = (string.IsNullOrWhiteSpace(name), string.IsNullOrEmpty(password));
        if (nameMissing || passwordMissing) return;
        await ShowAsync(await conversation.SubmitPasswordAsync(name!, password!));
    }

    private async Task OnCodeAsync()
    {
        (problem, wrongCode) = (null, false);
        if (string.IsNullOrWhiteSpace(code))
        {
            problem = recovery ? Texts.SignIn_RecoveryCodeMissing : Texts.SignIn_CodeMissing;
            return;
        }
        var typed = code;
        code = "";
        await ShowAsync(await conversation.SubmitCodeAsync(typed));
    }

    /// <summary>What was wrong about the one says nothing about the other.</summary>
    private void TurnCodeField(bool toRecovery) => (recovery, wrongCode, problem) = (toRecovery, false, null);

    private async Task StartOverAsync()
    {
        await conversation.StartOverAsync();
        BackToPassword(null);
    }

    private async Task ShowAsync(SignInOutcome outcome)
    {
        switch (outcome)
        {
            case SignInOutcome.CodeRequired required:
                (step, person, password, recovery) = (Step.Code, required.Name, null, false);
                break;
            case SignInOutcome.Proved proved:
                (password, code) = (null, null);
                if (await cookie.TakeAsync(proved.Ticket)) await OnSignedIn.InvokeAsync();
                else BackToPassword(await noCookies.SayAsync());
                break;
            case SignInOutcome.Refused(var refusal):
                Show(refusal);
                break;
            case SignInOutcome.NoCookies:
                problem = await noCookies.SayAsync();
                break;
        }
    }

    private void Show(Refusal refusal)
    {
        var text = RefusalWording.Of(refusal, wrong: Texts.SignIn_WrongPassword, changed: Texts.SignIn_Ended, time.GetUtcNow());
        switch (refusal)
        {
            case Refusal.Wrong when step is Step.Code:
                wrongCode = true;
                break;
            case Refusal.Wrong:
                (problem, password) = (text, "");
                break;
            case Refusal.LockedOut or Refusal.LockedByAdministrator:
                (step, locked, problem, password, code) = (Step.Locked, refusal, text, null, null);
                break;
            case Refusal.Busy or Refusal.TooManyFromHere:
                problem = text;
                break;
            default:
                BackToPassword(text);
                break;
        }
    }

    private void BackToPassword(string? why) => (step, problem, password, code, wrongCode, person) = (Step.Password, why, null, null, false, null);

    private static string Reason(SessionEnd by) => by switch
    {
        SessionEnd.MfaChanged => Texts.SignIn_EndedMfaChanged,
        SessionEnd.PasswordChanged => Texts.SignIn_EndedPasswordChanged,
        SessionEnd.AccountClosed => Texts.SignIn_EndedAccountClosed,
        SessionEnd.EndedByAdministrator => Texts.SignIn_EndedByAdministrator,
        SessionEnd.CodeNeeded => Texts.SignIn_EndedCodeNeeded,
        SessionEnd.FailedAttempts => Texts.SignIn_EndedFailedAttempts,
        SessionEnd.EndedByPerson => Texts.SignIn_EndedByPerson,
        SessionEnd.SignedInAgain => Texts.SignIn_EndedSignedInAgain,
        _ => Texts.SignIn_EndedExpired,
    };

    private enum Step
    {
        Password,
        Code,
        Locked,
    }
}
