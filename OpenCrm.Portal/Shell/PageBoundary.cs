using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// What fails in a page is told in its place. What is refused because the session is idle is not: the dialog over the page says why. The framework takes a page away whose
/// own code let the refusal through, so its place stays empty until the session goes on, and then the page is made anew; one that catches it keeps what was typed.
/// </summary>
public sealed class PageBoundary : ErrorBoundary, IDisposable
{
    [Inject] private PortalAuthenticationStateProvider Person { get; set; } = null!;

    public void Dispose() => Person.IdleChanged -= GoOn;

    protected override void OnInitialized() => Person.IdleChanged += GoOn;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (CurrentException is not SessionIdleException) base.BuildRenderTree(builder);
    }

    protected override async Task OnErrorAsync(Exception exception)
    {
        if (exception is not SessionIdleException)
        {
            await base.OnErrorAsync(exception);
            return;
        }
        // Once the framework has noted it: the person may have signed in again meanwhile.
        await Task.Yield();
        GoOn();
    }

    private void GoOn() => _ = InvokeAsync(() =>
    {
        if (Person.Idle is null && CurrentException is SessionIdleException) Recover();
    });
}
