using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Enrolment;

/// <summary>
/// Leads a person whose deadline for MFA has passed to the wizard. It asks no service: what is refused is decided by each of them, and this page only
/// says why.
/// </summary>
public sealed partial class MfaDemand(BrowserTime browser) : IDisposable
{
    private DateTimeOffset? dueAt;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    protected override void OnInitialized() => browser.Changed += OnBrowserTimeChanged;

    protected override async Task OnParametersSetAsync() =>
        dueAt = DateTimeOffset.TryParse(
            (await Authentication).User.FindFirst(PortalClaims.MfaOverdue)?.Value, CultureInfo.InvariantCulture, out var passed) ? passed : null;

    public void Dispose() => browser.Changed -= OnBrowserTimeChanged;

    private void OnBrowserTimeChanged() => InvokeAsync(StateHasChanged);
}
