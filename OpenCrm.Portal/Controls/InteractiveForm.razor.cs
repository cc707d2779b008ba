using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// A form that sleeps until the circuit listens: prerendered disabled, so that nothing typed or submitted can be lost, and
/// awake with the first interactive render.
/// </summary>
public sealed partial class InteractiveForm
{
    private ElementReference form;
    private bool running, away;

    internal bool IsBusy => running || Busy;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    [Inject] private ILogger<InteractiveForm> Log { get; set; } = null!;

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
        (running, away) = (true, false);
        try
        {
            await OnSubmit.InvokeAsync();
        }
        catch (Exception failure) when (Outage.IsOne(failure))
        {
            // Said here, with what was typed kept: the page's boundary would take the form away.
            LogAway(Log, Outage.Reason(failure));
            away = true;
        }
        finally
        {
            running = false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Something a person asked for could not be done, because the database does not answer: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}
