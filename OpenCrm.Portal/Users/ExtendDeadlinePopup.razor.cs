using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Users;

/// <summary>Extends somebody's deadline for setting up MFA: a date, a reason that the person reads, and a fresh proof.</summary>
public sealed partial class ExtendDeadlinePopup(
    MfaExtension extension, StepUp stepUp, Announcer announcer, BrowserTime browser, TimeProvider time)
{
    private StepUpForm proof = null!;
    private string? date, reason = "", problem, dateProblem, reasonProblem;

    [Parameter, EditorRequired] public UserRecord Record { get; set; } = null!;

    [Parameter] public EventCallback OnExtended { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    private string DateHint => Phrase.Of(Texts.Users_NewDeadlineHint, browser.Date(Furthest), browser.ZoneName);

    /// <summary>The last day whose end is within reach.</summary>
    private DateTimeOffset Furthest => time.GetUtcNow().AddDays(MfaRule.MostDays - 1);

    protected override async Task OnInitializedAsync()
    {
        proof = new(stepUp, StepUpFor.ActingAsAdministrator, time);
        await proof.AskAsync();
        // A week more, counted from today where the old deadline has passed.
        var from = Record.Duty.DueAt is { } due && due > time.GetUtcNow() ? due : time.GetUtcNow();
        var proposed = from.AddDays(7) < Furthest ? from.AddDays(7) : Furthest;
        date = browser.Local(proposed).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private async Task ExtendAsync()
    {
        (problem, dateProblem, reasonProblem) = (null, null, null);
        if (EndOf(date) is not { } until)
        {
            dateProblem = Texts.Users_NewDeadlineRefused;
            return;
        }
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        switch (await extension.ExtendAsync(Record.Id, until, reason ?? ""))
        {
            case ExtensionOutcome.DateRefused:
                dateProblem = Texts.Users_NewDeadlineRefused;
                return;
            case ExtensionOutcome.ReasonRefused:
                reasonProblem = Texts.Users_ExtensionReasonRefused;
                return;
            case ExtensionOutcome.StepUpNeeded:
                await proof.AskAsync();
                problem = Texts.Users_ProveAgain;
                return;
            case ExtensionOutcome.OwnAccount:
                problem = Texts.Users_OwnAccount;
                return;
            case ExtensionOutcome.Done:
                announcer.Announce(Phrase.Of(Texts.Users_DeadlineExtended, Record.Name, browser.Exact(until)));
                break;
            default:
                // The person has set up MFA meanwhile, or the rule is off: the record, read again, says so.
                announcer.Announce(Texts.Users_NothingToDo);
                break;
        }
        await OnExtended.InvokeAsync();
    }

    /// <summary>Returns the end of a day in the reader's time zone; null if it is no day.</summary>
    private DateTimeOffset? EndOf(string? day)
    {
        if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var chosen)
            || chosen.Year > 9000)
        {
            return null;
        }
        var next = chosen.AddDays(1).ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(next, browser.Zone.GetUtcOffset(next)).ToUniversalTime();
    }
}
