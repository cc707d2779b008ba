using System.Data.Common;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>Edits one template: its three parts, a preview of the mail, and the history (docs/spec.md 6.1).</summary>
public sealed partial class TemplateEditorPage(
    TemplateEditor editor,
    StepUp stepUp,
    Announcer announcer,
    BrowserTime browser,
    NavigationManager navigation,
    IJSRuntime script,
    TimeProvider time,
    ILogger<TemplateEditorPage> log) : IDisposable
{
    private const string SubjectId = "template-subject";

    /// <summary>Longer than the gap between two keys of somebody who types, and too short to be noticed as a delay.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private StoredTemplate? stored, meanwhile;
    private EditedField<string> subject = new(""), html = new("");

    /// <summary>Null while the text is made from the HTML.</summary>
    private EditedField<string?> text = new(null);

    /// <summary>The text that is made from the HTML as it is typed, with its fields. Whoever writes it by hand begins with it.</summary>
    private string made = "";

    /// <summary>What was written by hand before the tick was taken away, so that setting it again loses nothing.</summary>
    private string? putAside;
    private IReadOnlyList<TemplateFault> faults = [];
    private IReadOnlyList<VersionNote>? history;
    private TemplatePreview? preview;
    private Question? asking;
    private readonly LatestQuestion typing = new();
    private string? problem;
    private (string Key, CultureInfo Language)? shown;
    private StepUpNeed? need;
    private StepUpForm proof = null!;
    private string? unproved;
    private Func<Task>? unfinished;
    private bool missing, showText, sending;

    /// <summary>
    /// Whether the faults are those of a refused action. Then all are shown until they are mended; while somebody only types, those that have a
    /// place: the others mostly mean that the text is not finished.
    /// </summary>
    private bool refused;

    private enum Question
    {
        Reset,
    }

    [Parameter] public string Key { get; set; } = "";

    /// <summary>The name of the language of the text; English if the address names none that the portal speaks.</summary>
    [Parameter, SupplyParameterFromQuery(Name = "language")] public string? LanguageName { get; set; }

    private CultureInfo Language => Languages.Find(LanguageName) ?? Languages.English;

    /// <summary>The name of the template, with the language where it is not English.</summary>
    private string FullName => TemplateWording.Name(TemplateDefinition.TextName(Key, Language.Name));

    private bool HasChanges => subject.IsChanged || html.IsChanged || text.IsChanged;

    private TemplateText Typed => new(subject.Typed, html.Typed, text.Typed);

    private string SubjectError => string.Join(' ', FaultsOf(TemplateParts.Subject).Select(FaultWording.Full));

    private string Theirs => meanwhile?.Last?.SavedBy ?? "";

    public void Dispose()
    {
        typing.Dispose();
    }

    protected override void OnInitialized() => proof = new(stepUp, StepUpFor.ActingAsAdministrator, time);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender) await script.LoadAsync("./EmailTemplates/TemplateEditorPage.razor.js");
    }

    protected override async Task OnParametersSetAsync()
    {
        // Moving Back or Forward between two templates, or to another language, keeps this component and changes only its parameters.
        if (shown == (Key, Language)) return;
        var asked = (Key, Language);
        shown = asked;
        // First, so that nothing of the text shown before is drawn under the new address.
        (stored, meanwhile, preview, history, asking, unfinished, problem, missing, faults) = (null, null, null, null, null, null, null, false, []);
        (made, putAside, refused) = ("", null, false);
        // A preview that is still being rendered belongs to the template shown before.
        await typing.AskAsync();
        var found = await editor.ReadAsync(Key, Language);
        // Somebody who changes back and forth quickly asks twice; the slower answer is the wrong one.
        if (shown != asked) return;
        if (found is null)
        {
            missing = true;
            return;
        }
        Take(found);
        MakeText();
        var drawn = await editor.PreviewAsync(found.Template, found.Text, found.Language);
        if (shown != asked) return;
        preview = drawn;
        Mark(drawn);
    }

    private void Open(CultureInfo language) => navigation.NavigateTo(TemplateAddress.Of(Key, language));

    private IReadOnlyList<TemplateFault> FaultsOf(TemplateParts part) => [.. faults.Where(fault => fault.Part == part)];

    private async Task EditAsync(EditedField<string> part, string? typed)
    {
        part.Typed = typed ?? "";
        await ShowSoonAsync();
    }

    private Task EditTextAsync(string typed)
    {
        // A browser that writes the shown text back has not written one.
        if (text.Typed is null) return Task.CompletedTask;
        text.Typed = typed;
        return ShowSoonAsync();
    }

    private Task WriteTextAsync(bool byHand)
    {
        if (!byHand) putAside = text.Typed;
        MakeText();
        text.Typed = byHand ? putAside ?? made : null;
        return ShowSoonAsync();
    }

    private async Task OnTakenAsync() => await ShowSoonAsync();

    private void MakeText() => made = TemplateEditor.MakeText(html.Typed) ?? made;

    /// <summary>Renders the preview once nothing has been typed for a moment. Further typing cancels it.</summary>
    /// <param name="marks">Whether what is wrong is marked too; not where the outcome of an action has just said it.</param>
    private async Task ShowSoonAsync(bool marks = true)
    {
        var cancel = await typing.RestAsync(Pause);
        if (cancel.IsCancellationRequested || stored is null) return;
        try
        {
            MakeText();
            var drawn = await editor.PreviewAsync(stored.Template, Typed, stored.Language, cancel);
            if (cancel.IsCancellationRequested) return;
            preview = drawn;
            if (marks) Mark(drawn);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // More was typed, or the page was left.
        }
        catch (AccessRefusedException)
        {
            // The shell asks the person to sign in again; the typed text stays.
        }
        catch (Exception broken) when (broken is DbException or InvalidOperationException or TimeoutException)
        {
            // The next key tries again; the typed text stays.
            LogFailed(log, broken, Key);
        }
    }

    private string DraftName(string part) => $"template:{Key}:{Language.Name}:{part}";

    private void Mark(TemplatePreview drawn) => faults = refused ? drawn.Found : [.. drawn.Found.Where(fault => fault.At is not null)];

    private Task SaveAsync() =>
        RunAsync(() => editor.SaveAsync(stored!.Template, Typed, stored.Version, stored.Language), Texts.EmailTemplates_Saved);

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
        await RunAsync(
            () => editor.ResetAsync(stored!.Template, stored.Version, stored.Language), Texts.EmailTemplates_ResetDone, replace: true);
    }

    /// <summary>Repeats the action that waited for "Confirm it is you", with the text as it is typed by now.</summary>
    private async Task FinishAsync()
    {
        var act = unfinished!;
        unfinished = null;
        await act();
    }

    private Task RestoreAsync(int version)
    {
        history = null;
        return RunAsync(
            () => editor.RestoreAsync(stored!.Template, version, stored.Version, stored.Language), Texts.EmailTemplates_Restored, replace: true);
    }

    private async Task SendTestAsync()
    {
        if (sending) return;
        sending = true;
        await RunAsync(() => editor.SendTestAsync(stored!.Template, Typed, stored.Language), "");
        sending = false;
    }

    private Task OpenHistoryAsync() => TryAsync(async () => history = await editor.ReadHistoryAsync(stored!.Template, stored.Language));

    /// <summary>Runs an action and shows its outcome.</summary>
    /// <param name="replace">Whether the saved text replaces the typed one.</param>
    private async Task RunAsync(Func<Task<TemplateOutcome>> act, string done, bool replace = false)
    {
        (faults, refused) = ([], false);
        await TryAsync(() => ShowAsync(act, done, replace));
        // Not waited for: until the preview has come, the form would refuse the next press of Save without a word.
        _ = InvokeAsync(ShowAfterwardsAsync);
    }

    private async Task ShowAfterwardsAsync()
    {
        try
        {
            await ShowSoonAsync(marks: false);
            StateHasChanged();
        }
        catch (Exception broken)
        {
            await DispatchExceptionAsync(broken);
        }
    }

    /// <summary>Runs an action. A failure is shown and leaves the typed text as it is, because the database may be back in a moment.</summary>
    private async Task TryAsync(Func<Task> act)
    {
        problem = null;
        problem = await PageAction.RunAsync(
            act, broken => LogFailed(log, broken, Key), Texts.EmailTemplates_NotDone, Texts.EmailTemplates_Refused) ?? problem;
    }

    private async Task ShowAsync(Func<Task<TemplateOutcome>> act, string done, bool replace)
    {
        var asked = shown;
        var outcome = await act();
        // It is done; but the person has gone on to another text meanwhile.
        if (shown != asked) return;
        if (outcome is not TemplateOutcome.StepUpNeeded)
        {
            Show(outcome, done, replace);
            return;
        }
        need = await stepUp.EvaluateNeedAsync(StepUpFor.ActingAsAdministrator);
        unfinished = () => RunAsync(act, done, replace);
    }

    private void Show(TemplateOutcome outcome, string done, bool replace)
    {
        switch (outcome)
        {
            case TemplateOutcome.Saved saved:
                meanwhile = null;
                if (replace || saved.Now.Text == Typed) Take(saved.Now);
                // The person typed on while the save was under way.
                else Rebase(saved.Now);
                announcer.Announce(done);
                break;
            case TemplateOutcome.TestQueued queued:
                announcer.Announce(Phrase.Of(Texts.EmailTemplates_TestQueued, queued.Address));
                break;
            case TemplateOutcome.SavedMeanwhile other:
                meanwhile = other.Theirs;
                Rebase(other.Theirs);
                break;
            case TemplateOutcome.Invalid invalid:
                (faults, refused) = (invalid.Faults, true);
                problem = Texts.EmailTemplates_Invalid;
                // Shows the tab that holds the fault.
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
