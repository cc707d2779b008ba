using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Shell;

/// <summary>Gives MudBlazor's parts the portal's palette, and the other one when the person changes the theme.</summary>
public sealed partial class PortalThemeProvider : IDisposable
{
    [Inject] private ThemeChoice Choice { get; set; } = null!;

    public void Dispose() => Choice.Changed -= Refresh;

    protected override void OnInitialized() => Choice.Changed += Refresh;

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
