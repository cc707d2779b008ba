using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace OpenCrm.Portal.Shell;

/// <summary>The navigation "Main": in the drawer for system administrators, in the bar for everybody else.</summary>
public sealed partial class NavMenu(NavigationManager navigation) : IDisposable
{
    private readonly HashSet<NavItem> closed = [];
    private string path = PortalUrls.Home;

    /// <summary>Whether to show what only system administrators see.</summary>
    [Parameter] public bool WithSettings { get; set; }

    public void Dispose() => navigation.LocationChanged -= Follow;

    protected override void OnInitialized()
    {
        Read();
        navigation.LocationChanged += Follow;
    }

    private void Follow(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(() =>
    {
        Read();
        StateHasChanged();
    });

    private void Read() => path = new Uri(navigation.Uri).AbsolutePath;

    private void Toggle(NavItem group)
    {
        if (!closed.Remove(group))
            closed.Add(group);
    }
}
