using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// A form that is disabled until the circuit listens, so that nothing typed or submitted is lost. The first interactive render enables it.
/// </summary>
public sealed partial class InteractiveForm(IJSRuntime script, ILogger<InteractiveForm> log)
{
    private ElementReference form;
    private bool running, away;

    internal bool IsBusy => running || Busy;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // A password manager may have filled the fields before the circuit listened.
        if (firstRender)
            await script.ReadFieldsAsync(form);
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
            // Shown in the form, which keeps what was typed: the page's error boundary would remove the form.
            LogAway(log, Outage.Reason(failure));
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
