using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.AuditLog;

/// <summary>Settings → Audit trail. What is shown stands in the address; every choice is a navigation, and every navigation a reading.</summary>
public sealed partial class AuditTrailPage : IDisposable
{
    /// <summary>Longer than the gap between two keys of somebody who types, too short to be waited for.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private AuditQuery query = new();
    private AuditPage? page;
    private string typed = "";
    private bool loading, failed;
    private readonly LatestQuestion reading = new(), typing = new();

    /// <summary>Where this page has sent the browser, and the browser has not arrived yet.</summary>
    private readonly Queue<AuditQuery> sent = new();

    [Inject] private AuditList Trail { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

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

    private AuditQuery Address => AuditQuery.Parse(Navigation.ToAbsoluteUri(Navigation.Uri).Query);

    /// <summary>More stands in the field than is searched for; it stays there, and is said.</summary>
    private bool IsCut => typed.Trim().Length > AuditQuery.UserLength;

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        Browser.Changed -= OnBrowserTimeChanged;
        reading.Dispose();
        typing.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += OnLocationChanged;
        Browser.Changed += OnBrowserTimeChanged;
        typed = Address.User;
        await LoadAsync();
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        var address = Navigation.ToAbsoluteUri(change.Location);
        if (address.AbsolutePath == PortalUrls.AuditTrail) _ = InvokeAsync(() => ArriveAsync(AuditQuery.Parse(address.Query)));
    }

    // The days of an address that names no zone are the browser's, which is known only now.
    private void OnBrowserTimeChanged() => _ = InvokeAsync(FollowAsync);

    private async Task ArriveAsync(AuditQuery asked)
    {
        var own = sent.Contains(asked);
        while (sent.TryDequeue(out var arrived) && arrived != asked)
        {
            // Overtaken by this one.
        }
        // Sent on already: what is chosen now stands in the next address.
        if (own && sent.Count > 0) return;
        // Keys that were pressed meanwhile stay; only an address that is not from here (back) replaces what is typed.
        if (!own) typed = asked.User;
        await FollowAsync();
    }

    private async Task FollowAsync()
    {
        try
        {
            await LoadAsync();
        }
        catch (Exception broken)
        {
            await DispatchExceptionAsync(broken);
        }
    }

    private async Task LoadAsync()
    {
        var cancel = await reading.AskAsync();
        if (cancel.IsCancellationRequested) return;
        var asked = Address;
        asked = asked with { Zone = asked.Zone ?? Browser.Zone.Id };
        (query, loading, failed) = (asked, true, false);
        StateHasChanged();
        try
        {
            page = await Trail.ReadAsync(asked, cancel);
            loading = false;
            StateHasChanged();
            Announcer.Say(page.Rows.Count == 0 ? EmptyTitle : Phrase.Of(Texts.AuditLog_Shown, page.Rows.Count));
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // The next question is being answered, or the page was left: how a query ends that was called off is the database's affair.
        }
        catch (Exception broken) when (broken is DbException or InvalidOperationException or TimeoutException)
        {
            (loading, failed) = (false, true);
            StateHasChanged();
        }
    }

    private async Task OnTypedAsync(string? text)
    {
        typed = text ?? "";
        if ((await typing.RestAsync(Pause)).IsCancellationRequested) return;
        // One entry of the history a search, not one a key.
        if (AuditQuery.Clean(typed) != query.User) Turn(query, replace: query.User.Length > 0);
    }

    private void Clear()
    {
        typed = "";
        Show(new());
    }

    private void Show(AuditQuery asked) => Turn(asked.AtNewest());

    // Days chosen here are the browser's, whatever zone an address brought along.
    private void ShowDays(AuditQuery asked) => Show(asked with { Zone = Browser.Zone.Id });

    private void Turn(AuditQuery asked, bool replace = false)
    {
        // A choice while somebody types takes the typed text along.
        if (AuditQuery.Clean(typed) is var text && text != asked.User) asked = (asked with { User = text }).AtNewest();
        // Known at once: the next choice may come before the browser has arrived.
        query = asked;
        var address = asked.ToQueryString();
        sent.Enqueue(AuditQuery.Parse(address));
        Navigation.NavigateTo(PortalUrls.AuditTrail + address, replace: replace);
    }
}
