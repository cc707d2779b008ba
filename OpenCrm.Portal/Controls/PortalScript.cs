using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpenCrm.Portal.Controls;

/// <summary>The functions that every page has (wwwroot/head.js, Shell/ReconnectDialog.razor.js), called by name in one place only, which also knows what it means that the page has gone.</summary>
internal static class PortalScript
{
    internal static ValueTask MarkUpAsync(this IJSRuntime script) => CallAsync(script, "portal.markUp");

    internal static ValueTask FocusIfFreeAsync(this IJSRuntime script, ElementReference element) => CallAsync(script, "portal.focusIfFree", element);

    internal static ValueTask FocusPageAsync(this IJSRuntime script) => CallAsync(script, "portal.focusPage");

    /// <summary>For a step that replaces what had the focus, and after signing in.</summary>
    internal static ValueTask FocusHeadingAsync(this IJSRuntime script) => CallAsync(script, "portal.focusHeading");

    internal static ValueTask ReadFieldsAsync(this IJSRuntime script, ElementReference form) => CallAsync(script, "portal.readFields", form);

    /// <summary>The page fetches the script beside the popup by itself: it opens also where the browser's answers no longer arrive.</summary>
    internal static ValueTask OpenPopupAsync(this IJSRuntime script, ElementReference dialog) => CallAsync(script, "portal.openPopup", dialog);

    internal static ValueTask ClosePopupAsync(this IJSRuntime script, string id) => CallAsync(script, "portal.closePopup", id);

    /// <summary>The token that the address of a mailed link brought, which is no longer in the address; empty if it brought none.</summary>
    /// <returns>Null: the page has gone, and nobody knows.</returns>
    internal static ValueTask<string?> LinkTokenAsync(this IJSRuntime script) => AskAsync<string?>(script, null, "portal.readLinkToken");

    internal static ValueTask SetThemeAsync(this IJSRuntime script, string choice) => CallAsync(script, "portal.setTheme", choice);

    /// <summary>From now on <paramref name="told"/> hears, a few seconds apart, that the person does something.</summary>
    internal static ValueTask WatchActivityAsync<T>(this IJSRuntime script, DotNetObjectReference<T> told) where T : class =>
        CallAsync(script, "portal.watchActivity", told);

    /// <returns>Null: the page has gone.</returns>
    internal static ValueTask<BrowserAnswer?> BrowserAsync(this IJSRuntime script) => AskAsync<BrowserAnswer?>(script, null, "portal.browser");

    /// <summary>The script beside a component.</summary>
    /// <returns>Null: the page has gone.</returns>
    internal static async ValueTask<PageModule?> ImportAsync(this IJSRuntime script, string path) =>
        await AskAsync<IJSObjectReference?>(script, null, "import", path) is { } module ? new PageModule(module) : null;

    /// <summary>The script beside a component that listens to the page by itself: loaded once, called by nobody.</summary>
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
            // What it was to do to the page went with the page.
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

/// <summary>A component's own script, as long as its page is there.</summary>
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
            // The script went with the page.
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
            // Likewise.
        }
    }
}
