using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// Marks the page as interactive: its first render inside a circuit sets an attribute on the html element. Each layout contains one.
/// </summary>
public sealed class CircuitMark : ComponentBase
{
    [Inject] private IJSRuntime Script { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        await Browser.AskAsync(Script);
        await Script.MarkUpAsync();
    }
}
