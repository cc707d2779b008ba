using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>Gets notice of the person's activity, and shows the dialog after too long without any (docs/spec.md 4.5).</summary>
public sealed partial class SessionGuard : IDisposable
{
    private DotNetObjectReference<SessionGuard>? self;

    [Inject] private PortalAuthenticationStateProvider Authentication { get; set; } = null!;

    [Inject] private SessionActivity Activity { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    /// <summary>Called by the page's script, every few seconds while the person does something.</summary>
    [JSInvokable]
    public Task NoteActivityAsync() => Activity.NoteAsync();

    public void Dispose()
    {
        Authentication.IdleChanged -= Show;
        self?.Dispose();
    }

    protected override void OnInitialized() => Authentication.IdleChanged += Show;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        self = DotNetObjectReference.Create(this);
        await Script.WatchActivityAsync(self);
    }

    private void Show() => _ = InvokeAsync(StateHasChanged);
}
