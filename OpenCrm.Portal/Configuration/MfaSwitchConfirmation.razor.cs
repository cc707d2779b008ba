using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>Asks before a turned MFA switch is saved (docs/spec.md 3.4), until an answer is accepted or the person cancels.</summary>
public sealed partial class MfaSwitchConfirmation(MfaSwitch mfaSwitch, TimeProvider time, ILogger<MfaSwitchConfirmation> log)
{
    private MfaSwitchQuestion? question;
    private string? problem;
    private int asked;

    /// <summary>Opens the popup with a question.</summary>
    public void Ask(MfaSwitchQuestion first)
    {
        (question, problem) = (first, null);
        asked++;
        StateHasChanged();
    }

    private async Task AnswerAsync(MfaSwitchAnswer answer)
    {
        problem = await PageAction.RunAsync(
            () => SaveAsync(answer), broken => LogFailed(log, broken), Texts.Configuration_NotSaved, Texts.Configuration_Refused) ?? problem;
        await OnTried.InvokeAsync();
    }

    private async Task SaveAsync(MfaSwitchAnswer answer)
    {
        switch (await mfaSwitch.SaveAsync(Draft.WithMfa, answer))
        {
            case SettingsOutcome.NotProved wrong:
                (question, problem) = (wrong.Question, Words(wrong.Proof));
                break;
            case SettingsOutcome.ConfirmationNeeded needed:
                // The proof became too old while the popup was open.
                (question, problem) = (needed.Question, Texts.Configuration_ProveAgain);
                break;
            case var outcome:
                Close();
                await OnAnswered.InvokeAsync(outcome);
                break;
        }
    }

    private void Close() => (question, problem) = (null, null);

    private string Words(StepUpOutcome proof) => proof switch
    {
        StepUpOutcome.Incomplete => Texts.Configuration_ProveIncomplete,
        StepUpOutcome.Refused(var refusal) =>
            RefusalWording.Of(refusal, wrong: Texts.Configuration_ProveWrong, changed: Texts.StepUp_TryLater, time.GetUtcNow()),
        _ => throw new ArgumentOutOfRangeException(nameof(proof)),
    };

    [LoggerMessage(LogLevel.Error, "The MFA switch could not be saved")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
