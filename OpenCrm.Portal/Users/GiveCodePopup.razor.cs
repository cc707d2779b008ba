using System.Globalization;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>
/// Gives another person a temporary code (docs/spec.md 11.5): first the questions by which to know the person, then the code, once. It is gone with
/// this popup.
/// </summary>
public sealed partial class GiveCodePopup(
    TemporaryCodeGiving giving, StepUp stepUp, Announcer announcer, BrowserTime browser, IJSRuntime script, TimeProvider time,
    ILogger<GiveCodePopup> log)
{
    private StepUpForm proof = null!;
    private string? minutes = TemporaryCodes.Usual.TotalMinutes.ToString(CultureInfo.InvariantCulture);
    private string? problem;
    private TemporaryCodeOutcome.Given? given;

    protected override async Task OnInitializedAsync()
    {
        proof = new(stepUp, StepUpFor.ActingAsAdministrator, time);
        await proof.AskAsync();
    }

    private async Task GiveAsync() =>
        problem = await PageAction.RunAsync(TryGiveAsync, broken => LogFailed(log, broken), Texts.Users_NotSaved) ?? problem;

    private async Task TryGiveAsync()
    {
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        var lifetime = TimeSpan.FromMinutes(int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var chosen) ? chosen : 0);
        var outcome = await giving.GiveAsync(Record.Id, lifetime);
        if (outcome is TemporaryCodeOutcome.StepUpNeeded) await proof.AskAsync();
        given = outcome as TemporaryCodeOutcome.Given;
        problem = outcome switch
        {
            TemporaryCodeOutcome.Given => null,
            TemporaryCodeOutcome.StepUpNeeded => Texts.Users_ProveAgain,
            TemporaryCodeOutcome.OwnAccount => Texts.Users_OwnAccount,
            TemporaryCodeOutcome.NotEnrolled => Phrase.Of(Texts.Users_GiveCodeNotEnrolled, Record.Name),
            TemporaryCodeOutcome.NotActive => Phrase.Of(Texts.Users_NotActive, Record.Name),
            TemporaryCodeOutcome.GiverNotEnrolled => Texts.Users_GiveCodeOwnMfa,
            TemporaryCodeOutcome.LifetimeInvalid => Texts.Users_GiveCodeLifetime,
            TemporaryCodeOutcome.TooMany => Phrase.Of(Texts.Users_GiveCodeTooMany, TemporaryCodes.MostOfGiver),
            _ => Texts.Users_NoSuchUser,
        };
    }

    private async Task CopyAsync()
    {
        // False where the browser refuses the clipboard; the page then explains how to copy by hand.
        await using var module = await script.ImportAsync("./Users/GiveCodePopup.razor.js");
        var copied = module is not null && await module.AskAsync(false, "copy", given!.Code);
        announcer.Announce(copied ? Texts.Users_CodeCopied : Texts.Users_CodeNotCopied);
    }

    [LoggerMessage(LogLevel.Error, "A temporary code could not be given")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
