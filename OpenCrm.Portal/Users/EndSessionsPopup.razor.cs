using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Ends one's own other sessions or one of them, after a fresh proof (ASVS 7.5.2).</summary>
public sealed partial class EndSessionsPopup(OwnCredentials own, StepUp stepUp, Announcer announcer, TimeProvider time)
{
    private StepUpForm proof = null!;
    private string? problem;

    /// <summary>The session to end; null for all but this one.</summary>
    [Parameter] public SessionRow? Session { get; set; }

    [Parameter] public EventCallback OnEnded { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    private string Sentence => Session is null
        ? Texts.Users_EndOtherSessionsSentence
        : Phrase.Of(Texts.Users_EndOwnSessionSentence, BrowserName.Of(Session.UserAgent), AddressWording.Of(Session.Address));

    protected override async Task OnInitializedAsync()
    {
        proof = new(stepUp, StepUpFor.EndingOwnSessions, time);
        await proof.AskAsync();
    }

    private async Task EndAsync()
    {
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        switch (await (Session is null ? own.EndOtherSessionsAsync() : own.EndSessionAsync(Session.Id)))
        {
            case OwnOutcome.StepUpNeeded:
                // The proof became too old while the popup was open.
                await proof.AskAsync();
                problem = Texts.Users_ProveAgain;
                return;
            case OwnOutcome.Done when Session is null:
                announcer.Announce(Texts.Users_OtherSessionsEnded);
                break;
            default:
                // It ended now or a moment before; either is what was asked for.
                announcer.Announce(Texts.Users_SessionEnded);
                break;
        }
        await OnEnded.InvokeAsync();
    }
}
