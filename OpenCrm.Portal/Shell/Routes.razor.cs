using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Shell;

/// <summary>The root component of the circuit.</summary>
public sealed partial class Routes(ThemeChoice choice)
{
    [Parameter] public string? Theme { get; set; }

    [Parameter] public bool SystemIsDark { get; set; }

    /// <summary>The company's colour in the page's head; null for the portal's own.</summary>
    [Parameter] public string? Accent { get; set; }

    protected override void OnInitialized() => choice.Start(Theme, SystemIsDark);
}
