using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Enrolment;

/// <summary>
/// The wizard that sets up MFA: choose an app, scan the key, enter its first code (docs/spec.md 2). The prerendered page has no key.
/// </summary>
public sealed partial class Wizard(
    MfaEnrolment enrolment,
    Announcer announcer,
    NavigationManager navigation,
    IJSRuntime script,
    ILogger<Wizard> log) : IDisposable
{
    private Step step = Step.Opening;
    private EnrolmentOutcome.Begun? begun;
    private EnrolmentRun? run;
    private EnrolmentOutcome.StepUpNeeded? stepUp;
    private TimeSpan? clockOff;
    private EnrolmentOutcome.ChoiceNeeded? asked;
    private SetUpChoice? choice;
    private RecoveryCodesOutcome.Made? codes;
    private string? code, name, problem, nameProblem, added, leavingFor;
    private bool moved, mayRestart, keySeen, afresh, leaving;

    private string? SomebodyElse => begun is { ForSomebodyElse: true } ? begun.DisplayName : null;

    private int Progress => step switch
    {
        Step.Scan => 1,
        Step.Confirm => 2,
        Step.Done => 3,
        _ => 0,
    };

    private string LeaveSentence => begun is { Replaces: true } ? Texts.Enrolment_LeaveSentenceReplacing : Texts.Enrolment_LeaveSentence;

    /// <summary>Whether leaving needs a question first, in whatever way the person leaves: an app may hold the key already.</summary>
    private bool IsAtStake => keySeen && step is Step.App or Step.Scan or Step.Confirm;

    /// <summary>
    /// Forgets the run in this circuit only: loading the page again disposes this one too, and the key must stay with its session. It forgets just
    /// its own run, because the next page may have begun already.
    /// </summary>
    public void Dispose() => enrolment.Forget(run);

    protected override async Task OnInitializedAsync()
    {
        if (RendererInfo.IsInteractive) await BeginAsync();
    }

    private async Task BeginAsync() => Show(await enrolment.BeginAsync(UserId, choice, afresh));

    private Task BeginAfreshAsync()
    {
        (afresh, choice) = (true, null);
        return BeginAsync();
    }

    private Task ChooseAsync(SetUpChoice chosen)
    {
        choice = chosen;
        return BeginAsync();
    }

    private async Task SaveAsync()
    {
        (problem, nameProblem, clockOff) = (null, null, null);
        if (string.IsNullOrWhiteSpace(code))
        {
            problem = Texts.Enrolment_CodeMissing;
            return;
        }
        problem = await PageAction.RunAsync(
            async () => Show(await enrolment.SaveAsync(code, name)), broken => LogNotSaved(log, broken), Texts.Enrolment_NotSaved) ?? problem;
    }

    private void Show(EnrolmentOutcome outcome)
    {
        // The typed code stays until it has been checked.
        if (outcome is not (EnrolmentOutcome.StepUpNeeded or EnrolmentOutcome.NameRefused)) code = "";
        switch (outcome)
        {
            case EnrolmentOutcome.Begun fresh:
                (begun, run, problem, nameProblem, clockOff) = (fresh, fresh.Run, null, null, null);
                name = fresh.SuggestedName;
                (keySeen, afresh) = (fresh.Resumed, false);
                Go(Step.App, move: step is not Step.Opening);
                break;
            case EnrolmentOutcome.ChoiceNeeded choices:
                asked = choices;
                Go(Step.Choose, move: step is not Step.Opening);
                break;
            case EnrolmentOutcome.Busy:
                problem = Texts.Enrolment_NotSaved;
                break;
            case EnrolmentOutcome.NameRefused:
                nameProblem = Phrase.Of(Texts.Enrolment_NameRefused, Accounts.Authenticator.NameLength);
                break;
            case EnrolmentOutcome.Full:
                Stop(Phrase.Of(Texts.Enrolment_ChooseFull, Accounts.Authenticator.MostPerUser), restart: true);
                break;
            case EnrolmentOutcome.StepUpNeeded needed:
                stepUp = needed;
                break;
            case EnrolmentOutcome.Saved or EnrolmentOutcome.AlreadySaved:
                leavingFor = null;
                codes = (outcome as EnrolmentOutcome.Saved)?.Codes;
                added = begun is { Adds: true } ? (string.IsNullOrWhiteSpace(name) ? begun.SuggestedName : name.Trim()) : null;
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
            case EnrolmentOutcome.Ended:
                Stop(Texts.Enrolment_Ended, restart: true);
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
        // Goes on where the proof was asked for: at the beginning, or at Save with the code still in its field.
        if (step is Step.Confirm) await SaveAsync();
        else await BeginAsync();
    }

    private async Task OnStepUpCancelAsync()
    {
        stepUp = null;
        if (step is not (Step.Confirm or Step.Choose)) await LeaveAsync();
    }

    private async Task CopyKeyAsync()
    {
        // False where the browser refuses the clipboard; the page then explains how to copy by hand.
        await using var module = await script.ImportAsync("./Enrolment/Wizard.razor.js");
        var copied = module is not null && await module.AskAsync(false, "copy", string.Concat(begun!.ManualKey));
        announcer.Announce(copied ? Texts.Enrolment_KeyCopied : Texts.Enrolment_KeyNotCopied);
    }

    /// <summary>Esc leaves as Cancel does. Once the key was shown, a question comes first.</summary>
    private Task OnKeyAsync(KeyboardEventArgs key) => key.Key == "Escape" && step is not Step.Opening ? LeaveOrAskAsync() : Task.CompletedTask;

    private Task LeaveOrAskAsync()
    {
        if (!IsAtStake) return LeaveAsync();
        leavingFor = LeaveTo;
        return Task.CompletedTask;
    }

    /// <summary>The browser's Back and links ask as Cancel does.</summary>
    private void Guard(LocationChangingContext change)
    {
        if (leaving || !IsAtStake || IsThisPage(change.TargetLocation)) return;
        change.PreventNavigation();
        leavingFor = change.TargetLocation;
        StateHasChanged();
    }

    private bool IsThisPage(string target) => navigation.ToAbsoluteUri(target).AbsolutePath == navigation.ToAbsoluteUri(navigation.Uri).AbsolutePath;

    private async Task LeaveAsync()
    {
        leaving = true;
        // A failure does not keep the person here: a key that could not be erased expires within half an hour.
        await PageAction.RunAsync(() => enrolment.CancelAsync(), broken => LogNotErased(log, broken), Texts.Enrolment_NotSaved);
        navigation.NavigateTo(leavingFor ?? LeaveTo);
    }

    private void Go(Step to) => Go(to, move: true);

    private void Go(Step to, bool move)
    {
        (step, moved) = (to, move);
        keySeen |= to is Step.Scan;
    }

    private void Stop(string why, bool restart = false)
    {
        (begun, stepUp, leavingFor) = (null, null, null);
        (problem, mayRestart) = (why, restart);
        Go(Step.Stopped);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An authenticator could not be stored")]
    private static partial void LogNotSaved(ILogger log, Exception broken);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The key of an enrolment wizard that was left could not be erased; it ends by itself within half an hour")]
    private static partial void LogNotErased(ILogger log, Exception broken);

    private enum Step
    {
        Opening,
        Choose,
        App,
        Scan,
        Confirm,
        Done,
        Stopped,
    }
}
