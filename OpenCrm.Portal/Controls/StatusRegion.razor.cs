using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// The page's polite status region. It is rendered empty from the start, because screen readers miss a region that appears together with its text.
/// </summary>
public sealed partial class StatusRegion : IDisposable
{
    private Announcer.Announcement? current;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    public void Dispose() => Announcer.Announced -= Show;

    protected override void OnInitialized() => Announcer.Announced += Show;

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) Announcer.Arrive(new Uri(Navigation.Uri).AbsolutePath);
    }

    private void Show(Announcer.Announcement announcement) => _ = InvokeAsync(() =>
    {
        // Records with the same text are equal. A copy is another instance, so that its key makes a new element.
        current = announcement with { };
        StateHasChanged();
    });
}
