using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Home;

/// <summary>The home page: one's own security, and the next useful step.</summary>
public sealed partial class HomePage : IDisposable
{
    private OwnSecurity.View? security;

    [Inject] private OwnSecurity Security { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        Browser.Changed += OnBrowserTimeChanged;
        security = await Security.ReadAsync();
    }

    public void Dispose() => Browser.Changed -= OnBrowserTimeChanged;

    private void OnBrowserTimeChanged() => InvokeAsync(StateHasChanged);
}
