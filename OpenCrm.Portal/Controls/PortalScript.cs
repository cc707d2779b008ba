using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// Calls the script functions that every page has (wwwroot/head.js, Shell/ReconnectDialog.razor.js). Their names, and what to do when the page is
/// gone, are in this one place.
/// </summary>
internal static class PortalScript
{
    internal static ValueTask MarkUpAsync(this IJSRuntime script) => CallAsync(script, "portal.markUp");

    internal static ValueTask FocusIfFreeAsync(this IJSRuntime script, ElementReference element) => CallAsync(script, "portal.focusIfFree", element);

    internal static ValueTask FocusPageAsync(this IJSRuntime script) => CallAsync(script, "portal.focusPage");

    /// <summary>Moves the focus to the page's heading: after a step that replaced the focused element, and after signing in.</summary>
    internal static ValueTask FocusHeadingAsync(this IJSRuntime script) => CallAsync(script, "portal.focusHeading");

    internal static ValueTask ReadFieldsAsync(this IJSRuntime script, ElementReference form) => CallAsync(script, "portal.readFields", form);

    /// <summary>Opens a popup. The page loads the script of the popup by itself, so that it opens even when the browser's answers no longer
    /// arrive.</summary>
    internal static ValueTask OpenPopupAsync(this IJSRuntime script, ElementReference dialog) => CallAsync(script, "portal.openPopup", dialog);

    internal static ValueTask ClosePopupAsync(this IJSRuntime script, string id) => CallAsync(script, "portal.closePopup", id);

    /// <summary>Reads the token that the address of a mailed link contained before the script removed it; empty if there was none.</summary>
    /// <returns>Null if the page is gone.</returns>
    internal static ValueTask<string?> ReadLinkTokenAsync(this IJSRuntime script) => AskAsync<string?>(script, null, "portal.readLinkToken");

    internal static ValueTask SetThemeAsync(this IJSRuntime script, string choice) => CallAsync(script, "portal.setTheme", choice);

    /// <summary>Notifies <paramref name="watcher"/> from now on, every few seconds at most, that the person is active.</summary>
    internal static ValueTask WatchActivityAsync<T>(this IJSRuntime script, DotNetObjectReference<T> watcher) where T : class =>
        CallAsync(script, "portal.watchActivity", watcher);

    /// <returns>Null if the page is gone.</returns>
    internal static ValueTask<BrowserAnswer?> ReadBrowserAsync(this IJSRuntime script) => AskAsync<BrowserAnswer?>(script, null, "portal.browser");

    /// <summary>Loads the script beside a component.</summary>
    /// <returns>Null if the page is gone, or if the browser could not load the script: the page then works without what it adds.</returns>
    internal static async ValueTask<PageModule?> ImportAsync(this IJSRuntime script, string path)
    {
        try
        {
            return await AskAsync<IJSObjectReference?>(script, null, "import", path) is { } module ? new PageModule(module) : null;
        }
        catch (JSException)
        {
            // The browser's console has the reason. Thrown from a render, it would end the page, and what is typed would be lost.
            return null;
        }
    }

    /// <summary>Loads a component's script that only listens to the page: it is loaded once and never called.</summary>
    internal static async ValueTask LoadAsync(this IJSRuntime script, string path)
    {
        if (await script.ImportAsync(path) is { } module) await module.DisposeAsync();
    }

    private static async ValueTask CallAsync(IJSRuntime script, string function, params object?[] values)
    {
        try
        {
            await script.InvokeVoidAsync(function, values);
        }
        catch (Exception failed) when (PageGone.Says(failed))
        {
            // The page is gone, and with it what the call was for.
        }
    }

    private static async ValueTask<T> AskAsync<T>(IJSRuntime script, T whenGone, string function, params object?[] values)
    {
        try
        {
            return await script.InvokeAsync<T>(function, values);
        }
        catch (Exception failed) when (PageGone.Says(failed))
        {
            return whenGone;
        }
    }

    internal sealed record BrowserAnswer(string? Zone, string? Culture);
}

/// <summary>A component's own script, usable as long as its page exists.</summary>
internal sealed class PageModule(IJSObjectReference module) : IAsyncDisposable
{
    public async ValueTask CallAsync(string function, params object?[] values)
    {
        try
        {
            await module.InvokeVoidAsync(function, values);
        }
        catch (Exception failed) when (PageGone.Says(failed))
        {
            // The script is gone with the page.
        }
    }

    public async ValueTask<T> AskAsync<T>(T whenGone, string function, params object?[] values)
    {
        try
        {
            return await module.InvokeAsync<T>(function, values);
        }
        catch (Exception failed) when (PageGone.Says(failed))
        {
            return whenGone;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await module.DisposeAsync();
        }
        catch (Exception failed) when (PageGone.Says(failed))
        {
            // The script is gone with the page.
        }
    }
}
