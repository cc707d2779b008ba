using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Shows the failure of a page in its place. A refusal because the session is idle is not shown: the dialog over the page says why. The framework
/// removes a page that does not catch this refusal, so its place stays empty until the session goes on, and then the page is created again. A page
/// that catches it keeps what was typed. A refusal because MFA is overdue is not shown either: the page has given way by then.
/// </summary>
public sealed class PageBoundary(PortalAuthenticationStateProvider person) : ErrorBoundary, IDisposable
{
    public void Dispose() => person.IdleChanged -= GoOn;

    protected override void OnInitialized() => person.IdleChanged += GoOn;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (CurrentException is not (SessionIdleException or MfaOverdueException)) base.BuildRenderTree(builder);
    }

    protected override async Task OnErrorAsync(Exception exception)
    {
        // A refusal that the page in this place explains is no fault of the portal, and is not logged as one.
        if (exception is RecoveryHoldException) return;
        if (exception is not (SessionIdleException or MfaOverdueException))
        {
            await base.OnErrorAsync(exception);
            return;
        }
        // After the framework has stored the exception: the person may have signed in again meanwhile.
        await Task.Yield();
        GoOn();
    }

    private void GoOn() => _ = InvokeAsync(() =>
    {
        if (person.Idle is null && CurrentException is SessionIdleException or MfaOverdueException) Recover();
    });
}
