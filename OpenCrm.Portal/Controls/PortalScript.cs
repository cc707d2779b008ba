using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>The functions of wwwroot/portal.js, called by name in one place only.</summary>
internal static class PortalScript
{
    internal static ValueTask MarkUpAsync(this IJSRuntime script) => script.InvokeVoidAsync("portal.markUp");

    internal static ValueTask FocusIfFreeAsync(this IJSRuntime script, ElementReference element) =>
        script.InvokeVoidAsync("portal.focusIfFree", element);

    internal static ValueTask FocusPageAsync(this IJSRuntime script) => script.InvokeVoidAsync("portal.focusPage");

    /// <summary>For a step that replaces what had the focus, and after signing in.</summary>
    internal static ValueTask FocusHeadingAsync(this IJSRuntime script) => script.InvokeVoidAsync("portal.focusHeading");

    internal static ValueTask ReadFieldsAsync(this IJSRuntime script, ElementReference form) =>
        script.InvokeVoidAsync("portal.readFields", form);

    internal static ValueTask OpenPopupAsync(this IJSRuntime script, ElementReference dialog) =>
        script.InvokeVoidAsync("portal.openPopup", dialog);

    internal static ValueTask ClosePopupAsync(this IJSRuntime script, string id) =>
        script.InvokeVoidAsync("portal.closePopup", id);

    /// <summary>False where the browser refuses the clipboard: the caller then says how to copy by hand.</summary>
    internal static ValueTask<bool> CopyAsync(this IJSRuntime script, string text) =>
        script.InvokeAsync<bool>("portal.copy", text);

    /// <summary>The HTTP status of the answer; 0 when the portal could not be reached.</summary>
    internal static ValueTask<int> PostSessionAsync(this IJSRuntime script, string url, string? ticket) =>
        script.InvokeAsync<int>("portal.postSession", url, ticket);

    /// <summary>The token that the address of a mailed link brought; it is no longer in the address.</summary>
    internal static ValueTask<string?> LinkTokenAsync(this IJSRuntime script) => script.InvokeAsync<string?>("portal.readLinkToken");

    internal static ValueTask<string> ThemeAsync(this IJSRuntime script) => script.InvokeAsync<string>("portal.theme");

    internal static ValueTask SetThemeAsync(this IJSRuntime script, string choice) =>
        script.InvokeVoidAsync("portal.setTheme", choice);

    /// <summary>From now on <paramref name="told"/> hears, a few seconds apart, that the person does something.</summary>
    internal static ValueTask WatchActivityAsync<T>(this IJSRuntime script, DotNetObjectReference<T> told) where T : class =>
        script.InvokeVoidAsync("portal.watchActivity", told);

    internal static ValueTask<BrowserAnswer> BrowserAsync(this IJSRuntime script) =>
        script.InvokeAsync<BrowserAnswer>("portal.browser");

    internal sealed record BrowserAnswer(string? Zone, string? Culture);
}
