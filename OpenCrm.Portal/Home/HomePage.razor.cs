using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Home;

/// <summary>The home page: one's own security, and the next useful step.</summary>
public sealed partial class HomePage(OwnSecurity ownSecurity, BrowserTime browser) : IDisposable
{
    private OwnSecurity.View? security;

    protected override async Task OnInitializedAsync()
    {
        browser.Changed += OnBrowserTimeChanged;
        security = await ownSecurity.ReadAsync();
    }

    public void Dispose() => browser.Changed -= OnBrowserTimeChanged;

    private void OnBrowserTimeChanged() => InvokeAsync(StateHasChanged);
}
