using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Users;

/// <summary>One's own user record: details, MFA, sessions, recent activity.</summary>
public sealed partial class AccountPage : IDisposable
{
    private UserRecord? record;
    private bool asking, editing;
    private Popups open;
    private SessionRow? ending;
    private StepUpNeed? need;
    private string? password, code, problem;

    [Inject] private OwnRecord Record { get; set; } = null!;

    [Inject] private StepUp StepUp { get; set; } = null!;

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
        need = await StepUp.NeedAsync(StepUpFor.DisablingOwnMfa) is var asked and not StepUpNeed.Nothing ? asked : null;
        asking = true;
    }

    private async Task DisableAsync()
    {
        problem = null;
        if (need is not null && !await ProveAsync()) return;
        switch (await Record.DisableMfaAsync())
        {
            case DisableMfaOutcome.StepUpNeeded stepUp:
                (need, problem) = (stepUp.Need, Texts.Users_ProveAgain);
                return;
            case DisableMfaOutcome.Done:
                Announcer.Announce(Texts.Users_MfaDisabled);
                break;
        }
        Close();
        record = await Record.ReadAsync();
    }

    private async Task<bool> ProveAsync()
    {
        var outcome = await StepUp.ProveAsync(StepUpFor.DisablingOwnMfa, password, code);
        code = null;
        problem = StepUpFields.Describe(outcome);
        if (problem is not null) return false;
        need = null;
        return true;
    }

    private void Close() => (asking, need, password, code, problem) = (false, null, null, null, null);

    private enum Popups
    {
        None,
        ChangePassword,
        ChangeEmail,
        EndSessions,
    }
}
