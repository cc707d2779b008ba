using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>Get an app, scan, confirm, done: the steps are dumb, the wizard asks the service.</summary>
public sealed partial class Wizard
{
    private Step step;
    private EnrolmentView? view;
    private EnrolmentOutcome.StepUpNeeded? stepUp;
    private string? code, refusal;
    private TimeSpan? drift;
    private bool wrong, missing, canRetry, leaving, moved;

    private enum Step
    {
        GetApp,
        Scan,
        Confirm,
        Done,
    }

    [Inject] private MfaEnrolment Enrolment { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    private static string[] StepNames => [Texts.Enrolment_StepGetApp, Texts.Enrolment_StepScan, Texts.Enrolment_StepConfirm];

    protected override async Task OnInitializedAsync()
    {
        // A prerendered page would make a key that nobody sees, and write it into the HTML.
        if (RendererInfo.IsInteractive) await BeginAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!moved) return;
        moved = false;
        await Script.FocusStepAsync();
    }

    private async Task BeginAsync()
    {
        (step, view, refusal, code, wrong, drift, missing) = (Step.GetApp, null, null, null, false, null, false);
        Show(await Enrolment.BeginAsync(UserId));
    }

    private async Task SaveAsync()
    {
        (wrong, drift) = (false, null);
        missing = string.IsNullOrWhiteSpace(code);
        if (missing) return;
        Show(await Enrolment.SaveAsync(code!));
    }

    private void Show(EnrolmentOutcome outcome)
    {
        switch (outcome)
        {
            case EnrolmentOutcome.Begun begun:
                view = begun.View;
                break;
            case EnrolmentOutcome.Saved:
                (code, step, moved) = (null, Step.Done, true);
                break;
            case EnrolmentOutcome.WrongCode:
                (wrong, code) = (true, "");
                break;
            case EnrolmentOutcome.ClockOff off:
                (drift, code) = (off.Drift, "");
                break;
            case EnrolmentOutcome.StepUpNeeded needed:
                stepUp = needed;
                break;
            case EnrolmentOutcome.TooManyWrongCodes:
                Refuse(Texts.Enrolment_TooManyWrongCodes, retry: true);
                break;
            case EnrolmentOutcome.Ended:
                Refuse(Texts.Enrolment_Ended, retry: true);
                break;
            case EnrolmentOutcome.SwitchedOff:
                Refuse(Texts.Enrolment_SwitchedOff);
                break;
            case EnrolmentOutcome.EnrolledAlready already:
                Refuse(Phrase.Of(Texts.Enrolment_EnrolledAlready, already.Name));
                break;
            case EnrolmentOutcome.NoSuchUser:
                Refuse(Texts.Enrolment_NoSuchUser);
                break;
        }
    }

    private void Refuse(string text, bool retry = false) => (refusal, canRetry, view, code) = (text, retry, null, null);

    private Task GoAsync(Step next)
    {
        (step, wrong, drift, missing, moved) = (next, false, null, false, true);
        return Task.CompletedTask;
    }

    /// <summary>From the scan on something is under way, so it is asked first.</summary>
    private Task CancelAsync()
    {
        if (step is Step.GetApp or Step.Done) Leave();
        else leaving = true;
        return Task.CompletedTask;
    }

    private Task OnKeyAsync(KeyboardEventArgs key) => key.Key == "Escape" && view is not null && step is not Step.Done ? CancelAsync() : Task.CompletedTask;

    private Task ProvedAsync()
    {
        stepUp = null;
        return view is null ? BeginAsync() : SaveAsync();
    }

    private void StepUpCancelled()
    {
        stepUp = null;
        if (view is null) Leave();
    }

    private void Leave()
    {
        Enrolment.Forget();
        Navigation.NavigateTo(BackTo);
    }
}
