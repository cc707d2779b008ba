using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// What fails in a page is told in its place; but what is refused because the session is idle leaves the page standing, with what was typed: the dialog over it says why.
/// </summary>
public sealed class PageBoundary : ErrorBoundary
{
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        // The framework's own sequence number: with another one the page would be made anew.
        if (CurrentException is null or SessionIdleException) builder.AddContent(0, ChildContent);
        else base.BuildRenderTree(builder);
    }

    protected override async Task OnErrorAsync(Exception exception)
    {
        if (exception is not SessionIdleException)
        {
            await base.OnErrorAsync(exception);
            return;
        }
        // Once the framework has noted it, and not only after the browser drew: a second refusal in between would end the circuit, and what was typed with it.
        await Task.Yield();
        Recover();
    }
}
