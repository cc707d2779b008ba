using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Outbox;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Home;

/// <summary>
/// The home page: one's own security, the next useful step and the last sign-ins; for a system administrator also how the portal stands.
/// </summary>
public sealed partial class HomePage(OwnSecurity ownSecurity, HomeFigures homeFigures, FirstSteps firstSteps, BrowserTime browser) : IDisposable
{
    private bool left;

    /// <summary>Kept from the prerendered page, so that a load asks the database once, and the page does not flash when the circuit starts.</summary>
    [PersistentState] public OwnSecurity.View? Security { get; set; }

    /// <inheritdoc cref="Security" />
    [PersistentState] public AdministratorFigures? Figures { get; set; }

    /// <inheritdoc cref="Security" />
    [PersistentState] public FirstSteps.View? Steps { get; set; }

    private static string FailedMails => PortalUrls.Outbox + new OutboxQuery { State = MailState.Failed }.ToQueryString();

    protected override async Task OnInitializedAsync()
    {
        browser.Changed += OnBrowserTimeChanged;
        try
        {
            await ReadAsync();
        }
        catch (Exception) when (left)
        {
            // The person has gone on to another page, which a failure of this one would take away.
        }
    }

    public void Dispose()
    {
        left = true;
        browser.Changed -= OnBrowserTimeChanged;
    }

    private async Task ReadAsync()
    {
        Security ??= await ownSecurity.ReadAsync();
        // Decides only what is asked; the service reads the caller's right itself.
        if (!Security.IsSystemAdministrator || left) return;
        Steps ??= await firstSteps.ReadAsync();
        if (!left) Figures ??= await homeFigures.ReadAsync();
    }

    private void OnBrowserTimeChanged() => InvokeAsync(StateHasChanged);

    private static string UsersWith(AccountStatus status) => PortalUrls.Users + new UserQuery { Status = status }.ToQueryString();

    private static string UsersWith(MfaDutyState duty) => PortalUrls.Users + new UserQuery { Duty = duty }.ToQueryString();
}
