using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Home;

/// <summary>A chart and its figures. The figures are there at once; the chart follows when the browser has loaded what draws it.</summary>
public sealed partial class ChartFrame(IJSRuntime script)
{
    private bool canDraw, cannotDraw;

    [Parameter, EditorRequired] public string Name { get; set; } = "";

    [Parameter, EditorRequired] public RenderFragment? Picture { get; set; }

    /// <summary>The head and the body of the table.</summary>
    [Parameter, EditorRequired] public RenderFragment? Figures { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        var library = await script.ImportAsync("./Home/ChartFrame.razor.js");
        (canDraw, cannotDraw) = (library is not null, library is null);
        StateHasChanged();
        if (library is not null) await library.DisposeAsync();
    }
}
