namespace OpenCrm.Portal.Shell;

/// <summary>Gives MudBlazor's parts the portal's palette, and the other one when the person changes the theme.</summary>
public sealed partial class PortalThemeProvider(ThemeChoice choice) : IDisposable
{
    public void Dispose() => choice.Changed -= Refresh;

    protected override void OnInitialized() => choice.Changed += Refresh;

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
