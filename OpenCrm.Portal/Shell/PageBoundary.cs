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

    protected override Task OnErrorAsync(Exception exception) => exception is SessionIdleException ? Task.CompletedTask : base.OnErrorAsync(exception);

    protected override void OnAfterRender(bool firstRender)
    {
        if (CurrentException is SessionIdleException) Recover();
    }
}
