using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// Marks the page as interactive: its first render inside a circuit sets an attribute on the html element. Each layout contains one.
/// </summary>
public sealed class CircuitMark(BrowserTime browser, IJSRuntime script) : ComponentBase
{
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        await browser.AskAsync(script);
        await script.MarkUpAsync();
    }
}
