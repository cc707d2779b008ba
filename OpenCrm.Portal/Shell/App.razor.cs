using Microsoft.AspNetCore.Components.Web;

namespace OpenCrm.Portal.Shell;

/// <summary>The document around the circuit: head, scripts and the root component.</summary>
public sealed partial class App(ThemeChoice theme)
{
    private static readonly InteractiveServerRenderMode Interactive = new();
}
