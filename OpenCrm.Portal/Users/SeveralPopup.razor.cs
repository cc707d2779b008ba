using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Users;

/// <summary>
/// Asks before something is done to several users, shows how far it is, and says what came of it. If the popup goes with its page, the action stops
/// after the current user.
/// </summary>
public sealed partial class SeveralPopup(SeveralUsers several, StepUp stepUp, Announcer announcer, TimeProvider time, IJSRuntime script) : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private StepUpForm proof = null!;
    private SeveralPlan.Ready? ready;
    private SeveralOutcome.Ran? ran;
    private ElementReference stopButton, closeButton;
    private bool withAdministrators, running, stopping;
    private int through, all, focused;
    private string? title, sentence, problem;

    [Parameter, EditorRequired] public SeveralAct Act { get; set; }

    [Parameter, EditorRequired] public SelectedUsers Selected { get; set; } = null!;

    /// <summary>Called with whether anything was done.</summary>
    [Parameter] public EventCallback<bool> OnClosed { get; set; }

    private bool CanRun => ready is { Others: > 0 } or { Administrators.Count: > 0 };

    private int Count => ready is null ? 0 : ready.Others + (withAdministrators ? ready.Administrators.Count : 0);

    private string AdministratorNames => string.Join(", ", ready!.Administrators.Select(administrator => administrator.Username));

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        proof = new(stepUp, StepUpFor.ActingAsAdministrator, time);
        if (await several.PlanAsync(Act, Selected) is SeveralPlan.Ready found) await AskAsync(found);
        else Refuse();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // What had the focus is gone with its step. A short action is over before the browser has drawn that it began.
        if (running && focused is 0)
        {
            focused = 1;
            await script.FocusIfFreeAsync(stopButton);
        }
        else if (ran is not null && focused < 2)
        {
            focused = 2;
            await script.FocusIfFreeAsync(closeButton);
        }
    }

    private async Task AskAsync(SeveralPlan.Ready found)
    {
        ready = found;
        if (CanRun) await proof.AskAsync();
        Word();
    }

    private void Refuse()
    {
        ready = null;
        (title, sentence) = (SeveralWording.Name(Act), Phrase.Of(Texts.Users_SeveralTooMany, SeveralWording.Number(SeveralUsers.Most)));
    }

    private void IncludeAdministrators(bool include)
    {
        withAdministrators = include;
        Word();
    }

    private void Word() => (title, sentence) = (Count, ready!) switch
    {
        (0, { Administrators.Count: > 0 }) => (SeveralWording.Name(Act), Texts.Users_SeveralOnlyAdministrators),
        (0, _) => (SeveralWording.Name(Act), Texts.Users_SeveralNobody),
        (1, var one) => Words(one.FirstOther ?? one.Administrators[0].Username),
        _ => (SeveralWording.Question(Act, Count), SeveralWording.Sentence(Act)),
    };

    private (string Title, string Sentence) Words(string only) => (SeveralWording.Question(Act, only), SeveralWording.Sentence(Act, only));

    private async Task RunAsync()
    {
        if (ran is not null || Count == 0) return;
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        HashSet<Guid> included = withAdministrators ? [.. ready!.Administrators.Select(administrator => administrator.Id)] : [];
        (running, through, all) = (true, 0, Count);
        (title, sentence) = (SeveralWording.Name(Act), Texts.Users_SeveralRunning);
        StateHasChanged();
        try
        {
            await CloseStepAsync(await several.RunAsync(Act, new SelectedUsers(null, ready!.All), included, OnProgress, stop.Token));
        }
        finally
        {
            running = false;
        }
    }

    private async Task CloseStepAsync(SeveralOutcome outcome)
    {
        switch (outcome)
        {
            case SeveralOutcome.Ran result:
                (ran, title, sentence) = (result, SeveralWording.Result(Act, result), null);
                break;
            case SeveralOutcome.StepUpNeeded:
                // The proof became too old while the popup was open.
                (focused, problem) = (0, Texts.Users_ProveAgain);
                await AskAsync(ready!);
                break;
            default:
                Refuse();
                break;
        }
    }

    private void OnProgress(int done, int of)
    {
        // A hundred steps are as many as the eye can see; each one drawn is a message to the browser.
        var seen = of == 0 || done == of || done * 100L / of != through * 100L / of;
        (through, all) = (seen ? done : through, of);
        if (seen) StateHasChanged();
    }

    private void Stop()
    {
        stopping = true;
        stop.Cancel();
    }

    private async Task CloseAsync()
    {
        if (ran is not null) announcer.Announce(title!);
        await OnClosed.InvokeAsync(ran is not null);
    }
}
