using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Enrolment;

/// <summary>Tells a person who has just signed in how long is left to set up MFA. The page behind it is created only once that is read.</summary>
public sealed partial class MfaReminder(
    PortalAuthenticationStateProvider person, NavigationManager navigation, BrowserTime browser, TimeProvider time) : IDisposable
{
    private ElementReference heading;
    private bool focused;

    protected override void OnInitialized() => browser.Changed += OnBrowserTimeChanged;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (person.ReminderOfMfa is null || focused) return;
        focused = true;
        // The field that had the focus is gone with the sign-in.
        await heading.FocusAsync();
    }

    public void Dispose() => browser.Changed -= OnBrowserTimeChanged;

    private void SetUp()
    {
        person.DropReminder();
        navigation.NavigateTo(PortalUrls.AccountSetupMfa);
    }

    private void Later() => person.DropReminder();

    private void OnBrowserTimeChanged() => InvokeAsync(StateHasChanged);
}
