using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// The frame of a block: its card, its Save, the dialog that asks for a fresh proof (docs/spec.md 3.5), and the message about the outcome.
/// </summary>
public sealed partial class SettingsBlock(StepUp stepUp, Announcer announcer, BrowserTime browser, ILogger<SettingsBlock> log)
{
    private string? problem;
    private StepUpNeed? need;
    private Func<Task> again = () => Task.CompletedTask;

    private string ChangesText => (Draft.SavedMeanwhile, Draft.Changes) switch
    {
        (true, 1) => Texts.Configuration_OneDifference,
        (true, var count) => Phrase.Of(Texts.Configuration_Differences, count),
        (false, 1) => Texts.Configuration_OneChange,
        (false, var count) => Phrase.Of(Texts.Configuration_Changes, count),
    };

    private string MeanwhileAdvice =>
        Draft.IsChanged ? Phrase.Of(Texts.Configuration_SavedMeanwhileAdvice, Draft.SavedBy) : Texts.Configuration_SavedMeanwhileSame;

    private string SavedTime => Draft.SavedAt is { } at ? browser.Local(at).ToString("t", browser.Culture) : "";

    /// <summary>Shows the outcome of a save.</summary>
    /// <returns>False if the outcome is not one that every block knows.</returns>
    public async Task<bool> ShowAsync(SettingsOutcome outcome)
    {
        problem = null;
        switch (outcome)
        {
            case SettingsOutcome.Saved saved:
                Draft.Reset(saved.Now);
                announcer.Announce(Texts.Configuration_Saved);
                return true;
            case SettingsOutcome.Invalid invalid:
                Draft.Faults = invalid.Fields;
                return true;
            case SettingsOutcome.SavedMeanwhile meanwhile:
                Draft.Rebase(meanwhile.Theirs);
                return true;
            case SettingsOutcome.StepUpNeeded:
                need = await stepUp.EvaluateNeedAsync(StepUpFor.ActingAsAdministrator);
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Saves and shows the outcome. A failure leaves the page and what is typed as they are, because the database may be back in a moment.
    /// </summary>
    public Task SaveAsync() => ActAsync(() => Save(), Texts.Configuration_NotSaved);

    /// <summary>Does something with what is typed, once more after a fresh proof if one is needed, and shows the outcome.</summary>
    /// <param name="failed">The text to show if it fails.</param>
    public async Task ActAsync(Func<Task<SettingsOutcome>> act, string failed)
    {
        again = () => ActAsync(act, failed);
        problem = await PageAction.RunAsync(
            async () =>
            {
                Draft.Faults = [];
                var outcome = await act();
                if (!await ShowAsync(outcome)) Otherwise?.Invoke(outcome);
            },
            broken => LogFailed(log, broken, Anchor), failed, Texts.Configuration_Refused);
        await OnEdited.InvokeAsync();
    }

    /// <summary>Acts on what is typed by now, so that nobody has to press the button twice.</summary>
    private async Task ActProvedAsync()
    {
        need = null;
        await again();
    }

    private async Task DiscardAsync()
    {
        Draft.Discard();
        problem = null;
        await OnEdited.InvokeAsync();
    }

    [LoggerMessage(LogLevel.Error, "The settings block {Block} could not be saved or tried")]
    private static partial void LogFailed(ILogger log, Exception broken, string block);
}
