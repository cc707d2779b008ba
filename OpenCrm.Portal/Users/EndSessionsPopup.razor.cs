using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Ends one's own other sessions or one of them, after a fresh proof (ASVS 7.5.2).</summary>
public sealed partial class EndSessionsPopup
{
    private StepUpForm proof = null!;
    private string? problem;

    /// <summary>The session to end; null for all but this one.</summary>
    [Parameter] public SessionRow? Session { get; set; }

    [Parameter] public EventCallback OnEnded { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    private string Sentence => Session is null
        ? Texts.Users_EndOtherSessionsSentence
        : Phrase.Of(Texts.Users_EndOwnSessionSentence, BrowserName.Of(Session.UserAgent), Session.Address);

    [Inject] private OwnCredentials Own { get; set; } = null!;

    [Inject] private StepUp StepUp { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        proof = new(StepUp, StepUpFor.EndingOwnSessions, Time);
        await proof.AskAsync();
    }

    private async Task EndAsync()
    {
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        switch (await (Session is null ? Own.EndOtherSessionsAsync() : Own.EndSessionAsync(Session.Id)))
        {
            case OwnOutcome.StepUpNeeded:
                // The proof became too old while the popup was open.
                await proof.AskAsync();
                problem = Texts.Users_ProveAgain;
                return;
            case OwnOutcome.Done when Session is null:
                Announcer.Announce(Texts.Users_OtherSessionsEnded);
                break;
            default:
                // It ended now or a moment before; either is what was asked for.
                Announcer.Announce(Texts.Users_SessionEnded);
                break;
        }
        await OnEnded.InvokeAsync();
    }
}
