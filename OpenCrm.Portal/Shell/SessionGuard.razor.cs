using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>Gets notice of the person's activity, and shows the dialog after too long without any (docs/spec.md 4.5).</summary>
public sealed partial class SessionGuard(PortalAuthenticationStateProvider authentication, SessionActivity activity, IJSRuntime script) : IDisposable
{
    private DotNetObjectReference<SessionGuard>? self;

    /// <summary>Called by the page's script, every few seconds while the person does something.</summary>
    [JSInvokable]
    public Task NoteActivityAsync() => activity.NoteAsync();

    public void Dispose()
    {
        authentication.IdleChanged -= Show;
        self?.Dispose();
    }

    protected override void OnInitialized() => authentication.IdleChanged += Show;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        self = DotNetObjectReference.Create(this);
        await script.WatchActivityAsync(self);
    }

    private void Show() => _ = InvokeAsync(StateHasChanged);
}
