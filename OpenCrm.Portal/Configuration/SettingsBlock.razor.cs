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
    public async Task SaveAsync()
    {
        problem = await RunAsync(async () =>
        {
            Draft.Faults = [];
            var outcome = await Save();
            if (!await ShowAsync(outcome)) Otherwise?.Invoke(outcome);
        });
        await OnEdited.InvokeAsync();
    }

    /// <summary>Runs an action that may fail, and returns the text of the failure; null if it succeeded.</summary>
    private Task<string?> RunAsync(Func<Task> act) =>
        PageAction.RunAsync(act, broken => LogFailed(log, broken, Anchor), Texts.Configuration_NotSaved, Texts.Configuration_Refused);

    /// <summary>Saves what is typed by now, so that nobody has to press Save twice.</summary>
    private async Task SaveProvedAsync()
    {
        need = null;
        await SaveAsync();
    }

    private async Task DiscardAsync()
    {
        Draft.Discard();
        problem = null;
        await OnEdited.InvokeAsync();
    }

    [LoggerMessage(LogLevel.Error, "The settings block {Block} could not be saved")]
    private static partial void LogFailed(ILogger log, Exception broken, string block);
}
