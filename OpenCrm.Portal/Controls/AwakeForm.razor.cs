using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// A form that sleeps until the circuit listens: prerendered disabled, so that nothing typed or submitted can be lost, and
/// awake with the first interactive render.
/// </summary>
public sealed partial class AwakeForm
{
    private ElementReference form;
    private bool running;

    internal bool IsBusy => running || Busy;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // A password manager may have filled the fields before anybody listened.
        if (firstRender)
            await Script.ReadFieldsAsync(form);
    }

    private async Task SubmitAsync()
    {
        if (IsBusy)
            return;
        running = true;
        try
        {
            await OnSubmit.InvokeAsync();
        }
        finally
        {
            running = false;
        }
    }
}
