using Microsoft.AspNetCore.Components.Web;

namespace OpenCrm.Portal.Controls;

/// <summary>The layout of pages before signing in: no navigation, one card in the middle.</summary>
public sealed partial class FrontLayout
{
    private ErrorBoundary? boundary;

    protected override void OnParametersSet() => boundary?.Recover();
}
