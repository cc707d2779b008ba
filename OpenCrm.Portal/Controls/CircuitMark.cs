using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>Stands in each layout. Its first render inside a circuit means that the page listens: it says so on the html element.</summary>
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
