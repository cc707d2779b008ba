using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// The page's polite status region. It is rendered empty from the start, because screen readers miss a region that appears together with its text.
/// </summary>
public sealed partial class StatusRegion(Announcer announcer, NavigationManager navigation) : IDisposable
{
    private Announcer.Announcement? current;

    public void Dispose() => announcer.Announced -= Show;

    protected override void OnInitialized() => announcer.Announced += Show;

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) announcer.Arrive(new Uri(navigation.Uri).AbsolutePath);
    }

    private void Show(Announcer.Announcement announcement) => _ = InvokeAsync(() =>
    {
        // Records with the same text are equal. A copy is another instance, so that its key makes a new element.
        current = announcement with { };
        StateHasChanged();
    });
}
