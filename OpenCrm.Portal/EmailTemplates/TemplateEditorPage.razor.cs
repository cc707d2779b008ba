using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>One template: its three parts, what a mail of them looks like, and what they were before (spec 6.1, 6.2).</summary>
public sealed partial class TemplateEditorPage : IDisposable
{
    /// <summary>Longer than the gap between two keys of somebody who types, too short to be waited for.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private StoredTemplate? stored, meanwhile;
    private EditedField<string> subject = new(""), html = new(""), text = new("");
    private IReadOnlyList<TemplateFault> faults = [];
    private IReadOnlyList<VersionNote>? history;
    private TemplatePreview? preview;
    private Question? asking;
    private readonly LatestQuestion typing = new();
    private string? problem, shown;
    private StepUpNeed? need;
    private StepUpForm proof = null!;
    private string? unproved;
    private Func<Task>? unfinished;
    private bool missing, showText, sending;

    private enum Question
    {
        Reset,
    }

    [Inject] private TemplateEditor Editor { get; set; } = null!;

    [Inject] private StepUp StepUp { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    [Inject] private ILogger<TemplateEditorPage> Log { get; set; } = null!;

    private bool HasChanges => subject.IsChanged || html.IsChanged || text.IsChanged;

    private TemplateText Typed => new(subject.Typed, html.Typed, text.Typed);

    private string SubjectError => string.Join(' ', FaultsOf(TemplateParts.Subject).Select(FaultWording.Full));

    private string Theirs => meanwhile?.Last?.SavedBy ?? "";

    public void Dispose()
    {
        typing.Dispose();
    }

    protected override void OnInitialized() => proof = new(StepUp, StepUpFor.ActingAsAdministrator, Time);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender) await Script.LoadAsync("./EmailTemplates/TemplateEditorPage.razor.js");
    }

    protected override async Task OnParametersSetAsync()
    {
        // Back and forth between two templates keep the page and change its address.
        if (shown == Key) return;
        shown = Key;
        // What is still being drawn is the other one's.
        await typing.AskAsync();
        (stored, meanwhile, preview, history, asking, unfinished, problem, missing, faults) = (null, null, null, null, null, null, null, false, []);
        if (await Editor.ReadAsync(Key) is { } found)
        {
            Take(found);
            preview = await Editor.PreviewAsync(found.Template, found.Text);
        }
        else missing = true;
    }

    private IReadOnlyList<TemplateFault> FaultsOf(TemplateParts part) => [.. faults.Where(fault => fault.Part == part)];

    private async Task EditAsync(EditedField<string> part, string? typed)
    {
        part.Typed = typed ?? "";
        await ShowSoonAsync();
    }

    private async Task OnTakenAsync() => await ShowSoonAsync();

    /// <summary>Previews when nothing was typed for a moment; whoever types on is not waited for.</summary>
    private async Task ShowSoonAsync()
    {
        var cancel = await typing.RestAsync(Pause);
        if (cancel.IsCancellationRequested || stored is null) return;
        try
        {
            var drawn = await Editor.PreviewAsync(stored.Template, Typed, cancel);
            if (!cancel.IsCancellationRequested) preview = drawn;
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // More was typed, or the page was left.
        }
        catch (AccessRefusedException)
        {
            // The frame asks to sign in again; what is typed stays.
        }
        catch (Exception broken) when (broken is DbException or InvalidOperationException or TimeoutException)
        {
            // The next key tries again; what is typed stands.
            LogFailed(Log, broken, Key);
        }
    }

    private Task SaveAsync() => RunAsync(() => Editor.SaveAsync(stored!.Template, Typed, stored.Version), Texts.EmailTemplates_Saved);

    private Task AskResetAsync() => TryAsync(async () =>
    {
        unproved = null;
        proof.Clear();
        if (stored!.Template.HoldsToken) await proof.AskAsync();
        asking = Question.Reset;
    });

    private async Task ResetAsync()
    {
        unproved = await proof.ProveAsync();
        if (unproved is not null) return;
        asking = null;
        await RunAsync(() => Editor.ResetAsync(stored!.Template, stored.Version), Texts.EmailTemplates_ResetDone, replace: true);
    }

    /// <summary>What waited for "Confirm it is you", with what is typed by now.</summary>
    private async Task FinishAsync()
    {
        var act = unfinished!;
        unfinished = null;
        await act();
    }

    private Task RestoreAsync(int version)
    {
        history = null;
        return RunAsync(() => Editor.RestoreAsync(stored!.Template, version, stored.Version), Texts.EmailTemplates_Restored, replace: true);
    }

    private async Task SendTestAsync()
    {
        if (sending) return;
        sending = true;
        await RunAsync(() => Editor.SendTestAsync(stored!.Template, Typed), "");
        sending = false;
    }

    private Task OpenHistoryAsync() => TryAsync(async () => history = await Editor.ReadHistoryAsync(stored!.Template));

    /// <summary>Runs an action and shows what became of it.</summary>
    /// <param name="replace">What is typed gives way to what was saved.</param>
    private async Task RunAsync(Func<Task<TemplateOutcome>> act, string done, bool replace = false)
    {
        faults = [];
        await TryAsync(() => ShowAsync(act, done, replace));
        await ShowSoonAsync();
    }

    /// <summary>A failure leaves what is typed as it is: the database may be back in a moment.</summary>
    private async Task TryAsync(Func<Task> act)
    {
        problem = null;
        problem = await PageAction.RunAsync(act, broken => LogFailed(Log, broken, Key), Texts.EmailTemplates_NotDone, Texts.EmailTemplates_Refused) ?? problem;
    }

    private async Task ShowAsync(Func<Task<TemplateOutcome>> act, string done, bool replace)
    {
        var outcome = await act();
        if (outcome is not TemplateOutcome.StepUpNeeded)
        {
            Show(outcome, done, replace);
            return;
        }
        need = await StepUp.EvaluateNeedAsync(StepUpFor.ActingAsAdministrator);
        unfinished = () => RunAsync(act, done, replace);
    }

    private void Show(TemplateOutcome outcome, string done, bool replace)
    {
        switch (outcome)
        {
            case TemplateOutcome.Saved saved:
                meanwhile = null;
                if (replace || saved.Now.Text == Typed) Take(saved.Now);
                // Typed on while it was being saved.
                else Rebase(saved.Now);
                Announcer.Announce(done);
                break;
            case TemplateOutcome.TestQueued queued:
                Announcer.Announce(Phrase.Of(Texts.EmailTemplates_TestQueued, queued.Address));
                break;
            case TemplateOutcome.SavedMeanwhile other:
                meanwhile = other.Theirs;
                Rebase(other.Theirs);
                break;
            case TemplateOutcome.Invalid invalid:
                faults = invalid.Faults;
                problem = Texts.EmailTemplates_Invalid;
                // What is wrong must be seen.
                if (FaultsOf(TemplateParts.Html).Count > 0) showText = false;
                else if (FaultsOf(TemplateParts.Text).Count > 0) showText = true;
                break;
            default:
                throw new InvalidOperationException($"Unknown outcome {outcome.GetType().Name}.");
        }
    }

    private void Take(StoredTemplate now)
    {
        stored = now;
        subject.Reset(now.Text.Subject);
        html.Reset(now.Text.Html);
        text.Reset(now.Text.Text);
    }

    private void Rebase(StoredTemplate theirs)
    {
        stored = theirs;
        subject.Rebase(theirs.Text.Subject);
        html.Rebase(theirs.Text.Html);
        text.Rebase(theirs.Text.Text);
    }

    private void OnTabKey(KeyboardEventArgs key)
    {
        if (key.Key is "ArrowLeft" or "ArrowRight") showText = !showText;
    }

    [LoggerMessage(LogLevel.Error, "An action on the template {Key} failed")]
    private static partial void LogFailed(ILogger log, Exception broken, string key);
}
