using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.AuditLog;

/// <summary>Settings → Audit trail.</summary>
public sealed partial class AuditTrailPage(
    AuditList trail,
    BrowserTime browser,
    Announcer announcer,
    NavigationManager navigation) : AddressedList<AuditQuery>(announcer, navigation)
{
    private AuditPage? page;

    protected override string Heard => page is { Rows.Count: > 0 and var shown } ? Phrase.Of(Texts.AuditLog_Shown, shown) : EmptyTitle;

    private string EmptyTitle => page?.Match switch
    {
        AuditUserMatch.Nobody => Texts.AuditLog_NobodyTitle,
        AuditUserMatch.TooMany => Texts.AuditLog_TooManyTitle,
        _ => Texts.AuditLog_EmptyTitle,
    };

    private string EmptyText => page?.Match switch
    {
        AuditUserMatch.Nobody => Texts.AuditLog_Nobody,
        AuditUserMatch.TooMany => Texts.AuditLog_TooMany,
        _ => Texts.AuditLog_Empty,
    };

    protected override async Task OnInitializedAsync()
    {
        browser.Changed += OnBrowserTimeChanged;
        await base.OnInitializedAsync();
    }

    protected override void Leave() => browser.Changed -= OnBrowserTimeChanged;

    protected override AuditQuery Completed(AuditQuery address) => address with { Zone = address.Zone ?? browser.Zone.Id };

    protected override async Task ReadAsync(AuditQuery asked, CancellationToken cancel) => page = await trail.ReadAsync(asked, cancel);

    // Without a zone in the address, days are those of the browser's zone, which is known only now.
    private void OnBrowserTimeChanged() => _ = InvokeAsync(FollowAsync);

    // Days chosen here are those of the browser's zone, whatever zone the address had.
    private void ShowDays(AuditQuery asked) => Show(asked with { Zone = browser.Zone.Id });

    private void Clear() => Clear(new AuditQuery());
}
