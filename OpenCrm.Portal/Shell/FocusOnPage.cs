using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Moves the focus into a page that was reached inside the circuit. Not at the first load, which begins at the top as on any website. And not away
/// from a field that asks for the focus, which the framework's own FocusOnNavigate would do.
/// </summary>
public sealed class FocusOnPage(IJSRuntime script) : ComponentBase
{
    private Type? _shown;
    private bool _moved;

    [Parameter, EditorRequired] public Type? Page { get; set; }

    protected override void OnParametersSet()
    {
        _moved = _shown is not null && _shown != Page;
        _shown = Page;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_moved)
            return;
        _moved = false;
        await script.FocusPageAsync();
    }
}
