using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>A modal popup: fields and buttons over the page. The focus stays inside, and returns to the opener afterwards.</summary>
public sealed partial class Popup : IAsyncDisposable
{
    private readonly string id = ElementId.Next("p");
    private DialogFrame? frame;
    private bool opened;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    public async ValueTask DisposeAsync()
    {
        if (opened)
            await Script.ClosePopupAsync(id);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        opened = true;
        await Script.OpenPopupAsync(frame!.Element);
    }
}
