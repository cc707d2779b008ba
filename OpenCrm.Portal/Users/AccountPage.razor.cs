using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>One's own user record: details, MFA, sessions and recent activity.</summary>
public sealed partial class AccountPage : IDisposable
{
    private UserRecord? record;
    private bool asking, editing;
    private Popups open;
    private SessionRow? ending;
    private StepUpForm proof = null!;
    private string? problem;

    [Inject] private OwnRecord Record { get; set; } = null!;

    [Inject] private StepUp StepUp { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private string MfaHint => record switch
    {
        { MfaSwitchedOn: false } => Texts.Users_MfaSwitchedOff,
        { MfaSince: null } => Texts.Users_MfaOffHint,
        _ => Texts.Users_MfaOnHint,
    };

    protected override async Task OnInitializedAsync()
    {
        Browser.Changed += OnBrowserTimeChanged;
        proof = new(StepUp, StepUpFor.DisablingOwnMfa, Time);
        record = await Record.ReadAsync();
    }

    public void Dispose() => Browser.Changed -= OnBrowserTimeChanged;

    private void OnBrowserTimeChanged() => InvokeAsync(StateHasChanged);

    private async Task OnEditedAsync()
    {
        editing = false;
        record = await Record.ReadAsync();
    }

    private async Task OnChangedAsync()
    {
        open = Popups.None;
        record = await Record.ReadAsync();
    }

    private async Task AskDisableAsync()
    {
        await proof.AskAsync();
        asking = true;
    }

    private async Task DisableAsync()
    {
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        switch (await Record.DisableMfaAsync())
        {
            case DisableMfaOutcome.StepUpNeeded stepUp:
                proof.Ask(stepUp.Need);
                problem = Texts.Users_ProveAgain;
                return;
            case DisableMfaOutcome.Done:
                Announcer.Announce(Texts.Users_MfaDisabled);
                break;
        }
        Close();
        record = await Record.ReadAsync();
    }

    private void Close()
    {
        (asking, problem) = (false, null);
        proof.Clear();
    }

    private enum Popups
    {
        None,
        ChangePassword,
        ChangeEmail,
        EndSessions,
    }
}
