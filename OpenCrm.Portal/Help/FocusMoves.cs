using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Help;

/// <summary>Moves the focus to where reading goes on after a part of the page changed.</summary>
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
            // The element, or the whole page, was gone before the call arrived, so there is nothing to focus.
        }
    }
}
