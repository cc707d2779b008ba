using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Help;

/// <summary>Where reading goes on after a part of the page changed.</summary>
internal static class FocusMoves
{
    public static async ValueTask MoveToAsync(this ElementReference element, bool scroll = true)
    {
        try
        {
            await element.FocusAsync(preventScroll: !scroll);
        }
        catch (Exception gone) when (gone is JSException or JSDisconnectedException or OperationCanceledException)
        {
            // The element, or the page with it, went before the call arrived: nobody is there to read on.
        }
    }
}
