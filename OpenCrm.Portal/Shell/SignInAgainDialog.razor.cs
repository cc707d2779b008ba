using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// The dialog "Sign in again to go on". It asks until the person has signed in or gives up. The component that shows it removes it when the session
/// goes on or ends.
/// </summary>
public sealed partial class SignInAgainDialog(
    SignInAgain signInAgain,
    SessionCookie cookie,
    CookieAdvice noCookies,
    TimeProvider time,
    ILogger<SignInAgainDialog> log)
{
    private SignInAgainQuestion? question;
    private string? password, code, error;

    private string Sentence => (question!.TimeoutMinutes, OverPage) switch
    {
        (0, _) => Texts.SignInAgain_While,
        (1, true) => Texts.SignInAgain_OneMinute,
        (1, false) => Texts.SignInAgain_OneMinuteNoPage,
        (var minutes, true) => Phrase.Of(Texts.SignInAgain_Minutes, minutes),
        (var minutes, false) => Phrase.Of(Texts.SignInAgain_MinutesNoPage, minutes),
    };

    protected override async Task OnInitializedAsync()
    {
        try
        {
            question = await signInAgain.ReadQuestionAsync();
        }
        catch (Exception broken)
        {
            // Nothing above catches this, and the page behind would be lost with what was typed. The database may be back in a moment, so the dialog
            // asks all the same.
            LogFailed(log, broken);
            question = new("", 0, AskCode: false);
        }
    }

    private async Task SignInAsync()
    {
        try
        {
            await ProveAsync();
        }
        catch (Exception broken)
        {
            LogFailed(log, broken);
            error = Texts.StepUp_TryLater;
        }
    }

    private async Task ProveAsync()
    {
        error = null;
        var outcome = await signInAgain.ProveAsync(password, code);
        switch (outcome)
        {
            case SignInAgainOutcome.Proved proved:
                (password, code) = ("", "");
                if (!await cookie.ResumeAsync(proved.Ticket)) error = Texts.SignInAgain_NotResumed;
                return;
            case SignInAgainOutcome.Incomplete incomplete:
                // An authenticator may have been set up since; then a code is needed too.
                question = question! with { AskCode = incomplete.AskCode };
                error = incomplete.AskCode ? Texts.StepUp_PasswordAndCodeMissing : Texts.StepUp_PasswordMissing;
                return;
            case SignInAgainOutcome.NoCookies:
                (password, code, error) = ("", "", await noCookies.SayAsync());
                return;
            case SignInAgainOutcome.Refused(var refusal):
                (password, code) = ("", "");
                error = RefusalWording.Of(refusal, wrong: Texts.StepUp_Wrong, changed: Texts.StepUp_TryLater, time.GetUtcNow());
                return;
            case SignInAgainOutcome.Ended:
                // The session has ended; the page leaves and says why.
                (password, code) = ("", "");
                return;
        }
    }

    [LoggerMessage(LogLevel.Error, "Somebody could not be asked to sign in again, or be signed in again")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
