using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Shell;

/// <summary>The root component of the circuit.</summary>
public sealed partial class Routes
{
    [Parameter] public string? Theme { get; set; }

    [Parameter] public bool SystemIsDark { get; set; }

    [Inject] private ThemeChoice Choice { get; set; } = null!;

    protected override void OnInitialized() => Choice.Start(Theme, SystemIsDark);
}
