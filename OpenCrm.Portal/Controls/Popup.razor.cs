using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>A modal popup: fields and buttons over the page. The focus stays inside, and returns to the opener afterwards.</summary>
public sealed partial class Popup(IJSRuntime script) : IAsyncDisposable
{
    private readonly string id = ElementId.Next("p");
    private DialogFrame? frame;
    private bool opened;

    public async ValueTask DisposeAsync()
    {
        if (opened)
            await script.ClosePopupAsync(id);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        opened = true;
        await script.OpenPopupAsync(frame!.Element);
    }
}
