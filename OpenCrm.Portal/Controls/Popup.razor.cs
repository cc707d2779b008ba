using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>A modal popup: fields and buttons over the page. The focus stays inside, and returns to the opener afterwards.</summary>
public sealed partial class Popup : IAsyncDisposable
{
    private readonly string id = ElementId.Next("p");
    private DialogFrame? frame;
    private PageModule? script;
    private bool closed;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    public async ValueTask DisposeAsync()
    {
        closed = true;
        if (script is null)
            return;
        await script.CallAsync("close", id);
        await script.DisposeAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender || await Script.ImportAsync("./Controls/Popup.razor.js") is not { } imported)
            return;
        if (closed)
        {
            // The popup was closed while the script was loading: nothing else would dispose the script.
            await imported.DisposeAsync();
            return;
        }
        script = imported;
        await script.CallAsync("open", frame!.Element);
    }
}
