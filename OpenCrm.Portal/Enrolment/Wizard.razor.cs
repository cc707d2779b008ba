using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The wizard of spec 2: an app, the key, its first code. The key lives in this circuit only; the prerendered page has none.</summary>
public sealed partial class Wizard : IDisposable
{
    private Step step = Step.Opening;
    private EnrolmentOutcome.Begun? begun;
    private EnrolmentOutcome.StepUpNeeded? stepUp;
    private TimeSpan? clockOff;
    private string? code, problem;
    private bool moved, mayRestart, asksToLeave;

    [Inject] private MfaEnrolment Enrolment { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    private string? SomebodyElse => begun is { ForSomebodyElse: true } ? begun.DisplayName : null;

    private int Progress => step switch
    {
        Step.Scan => 1,
        Step.Confirm => 2,
        Step.Done => 3,
        _ => 0,
    };

    private string LeaveSentence => begun is { Replaces: true } ? Texts.Enrolment_LeaveSentenceReplacing : Texts.Enrolment_LeaveSentence;

    /// <summary>Whoever leaves by a link leaves no key behind.</summary>
    public void Dispose() => Enrolment.Cancel();

    protected override async Task OnInitializedAsync()
    {
        if (RendererInfo.IsInteractive) await BeginAsync();
    }

    private async Task BeginAsync() => Show(await Enrolment.BeginAsync(UserId));

    private async Task SaveAsync()
    {
        (problem, clockOff) = (null, null);
        if (string.IsNullOrWhiteSpace(code))
        {
            problem = Texts.Enrolment_CodeMissing;
            return;
        }
        Show(await Enrolment.SaveAsync(code));
    }

    private void Show(EnrolmentOutcome outcome)
    {
        // What was typed stays until it was looked at.
        if (outcome is not EnrolmentOutcome.StepUpNeeded) code = "";
        switch (outcome)
        {
            case EnrolmentOutcome.Begun fresh:
                (begun, problem, clockOff) = (fresh, null, null);
                Go(Step.App, move: step is not Step.Opening);
                break;
            case EnrolmentOutcome.StepUpNeeded needed:
                stepUp = needed;
                break;
            case EnrolmentOutcome.Saved:
                asksToLeave = false;
                Go(Step.Done);
                break;
            case EnrolmentOutcome.WrongCode:
                problem = Phrase.Of(Texts.Enrolment_WrongCode, begun!.Issuer, begun.Username);
                break;
            case EnrolmentOutcome.ClockOff off:
                clockOff = off.By;
                break;
            case EnrolmentOutcome.TooManyWrongCodes:
                Stop(Phrase.Of(Texts.Enrolment_TooManyWrongCodes, MfaEnrolment.MostCodes), restart: true);
                break;
            case EnrolmentOutcome.Expired:
                Stop(Phrase.Of(Texts.Enrolment_Expired, (int)MfaEnrolment.Lifetime.TotalMinutes), restart: true);
                break;
            case EnrolmentOutcome.Changed:
                Stop(Texts.Enrolment_Changed, restart: true);
                break;
            case EnrolmentOutcome.SwitchedOff:
                Stop(Texts.Enrolment_SwitchedOff);
                break;
            case EnrolmentOutcome.AlreadyEnrolled enrolled:
                Stop(Phrase.Of(Texts.Enrolment_AlreadyEnrolled, enrolled.DisplayName));
                break;
            case EnrolmentOutcome.NotActive inactive:
                Stop(Phrase.Of(Texts.Enrolment_NotActive, inactive.DisplayName));
                break;
            case EnrolmentOutcome.NoSuchUser:
                Stop(Texts.Enrolment_NoSuchUser);
                break;
            case EnrolmentOutcome.NotAllowed:
                Stop(Texts.Enrolment_NotAllowed);
                break;
        }
    }

    private async Task OnProvedAsync()
    {
        stepUp = null;
        // Where it was asked: at the door, or at Save with the code still in its field.
        if (step is Step.Confirm) await SaveAsync();
        else await BeginAsync();
    }

    private void OnStepUpCancel()
    {
        stepUp = null;
        if (step is not Step.Confirm) Leave();
    }

    private async Task CopyKeyAsync()
    {
        var copied = await Script.CopyAsync(string.Concat(begun!.ManualKey));
        Announcer.Announce(copied ? Texts.Enrolment_KeyCopied : Texts.Enrolment_KeyNotCopied);
    }

    /// <summary>Esc leaves, as Cancel does; from the key on it asks first.</summary>
    private void OnKey(KeyboardEventArgs key)
    {
        if (key.Key != "Escape") return;
        if (step is Step.Scan or Step.Confirm) AskToLeave();
        else if (step is not Step.Opening) Leave();
    }

    private void AskToLeave() => asksToLeave = true;

    private void Leave()
    {
        Enrolment.Cancel();
        Navigation.NavigateTo(LeaveTo);
    }

    private void Go(Step to) => Go(to, move: true);

    private void Go(Step to, bool move) => (step, moved) = (to, move);

    private void Stop(string why, bool restart = false)
    {
        (begun, stepUp, asksToLeave) = (null, null, false);
        (problem, mayRestart) = (why, restart);
        Go(Step.Stopped);
    }

    private enum Step
    {
        Opening,
        App,
        Scan,
        Confirm,
        Done,
        Stopped,
    }
}
