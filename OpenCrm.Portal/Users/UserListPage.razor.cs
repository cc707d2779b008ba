using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>Settings → Users. What is shown stands in the address; every click is a navigation, and every navigation a reading.</summary>
public sealed partial class UserListPage : IDisposable
{
    /// <summary>Longer than the gap between two keys of somebody who types, too short to be waited for.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private UserQuery query = new();
    private UserQuery? counted;
    private UserPage? page;
    private UserCounts? counts;
    private string typed = "";
    private bool loading, failed;
    private readonly LatestQuestion reading = new(), typing = new();

    /// <summary>Where this page has sent the browser, and the browser has not arrived yet.</summary>
    private readonly Queue<UserQuery> sent = new();

    [Inject] private UserList Users { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private string Summary => page is null || counts is null ? "" : Phrase.Of(Texts.Users_Shown, page.Rows.Count, FilterChip.Number(counts.All), Heading(query.Sort));

    private UserQuery Address => UserQuery.Parse(Navigation.ToAbsoluteUri(Navigation.Uri).Query);

    /// <summary>More stands in the field than is searched for; it stays there, and is said.</summary>
    private bool IsCut => typed.Trim().Length > UserQuery.SearchLength;

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        reading.Dispose();
        typing.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += OnLocationChanged;
        typed = Address.Search;
        await LoadAsync();
    }

    private static string Heading(UserColumn column) => column switch
    {
        UserColumn.Name => Texts.Users_Name,
        UserColumn.Email => Texts.Users_Email,
        UserColumn.SystemAdministrator => Texts.Users_SystemAdministrator,
        UserColumn.Status => Texts.Users_Status,
        UserColumn.Mfa => Texts.Users_MfaEnabled,
        UserColumn.LastSignIn => Texts.Users_LastSignIn,
        _ => Texts.Users_Username,
    };

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        var address = Navigation.ToAbsoluteUri(change.Location);
        if (address.AbsolutePath == PortalUrls.Users) _ = InvokeAsync(() => ArriveAsync(UserQuery.Parse(address.Query)));
    }

    private async Task ArriveAsync(UserQuery asked)
    {
        var own = sent.Contains(asked);
        while (sent.TryDequeue(out var arrived) && arrived != asked)
        {
            // Overtaken by this one.
        }
        // Sent on already: what is chosen now stands in the next address.
        if (own && sent.Count > 0) return;
        // Keys that were pressed meanwhile stay; only an address that is not from here (back) replaces what is typed.
        if (!own) typed = asked.Search;
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
        var rows = asked.AtFirst() with { Sort = default, Descending = false };
        (query, loading, failed) = (asked, true, false);
        StateHasChanged();
        try
        {
            page = await Users.ReadAsync(asked, cancel);
            loading = false;
            StateHasChanged();
            if (rows != counted) (counts, counted) = (await Users.CountAsync(asked, cancel), rows);
            StateHasChanged();
            Announcer.Say(page.Rows.Count == 0 ? Texts.Users_EmptyTitle : Summary);
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
        if (UserQuery.Clean(typed) != query.Search) Turn(query, replace: query.Search.Length > 0);
    }

    private void OnSortChosen(ChangeEventArgs change)
    {
        var parts = (change.Value as string ?? "").Split(' ');
        if (Enum.TryParse<UserColumn>(parts[0], out var column)) Show(query with { Sort = column, Descending = parts.Length > 1 });
    }

    // Yes and the newest first: that is what a click on these is for.
    private void SortBy(UserColumn column) => Show(query with
    {
        Sort = column,
        Descending = query.Sort == column ? !query.Descending : column is UserColumn.Mfa or UserColumn.SystemAdministrator or UserColumn.LastSignIn,
    });

    private void Clear()
    {
        typed = "";
        Show(new UserQuery { Sort = query.Sort, Descending = query.Descending });
    }

    private void Show(UserQuery asked) => Turn(asked.AtFirst());

    private void Turn(UserQuery asked, bool replace = false)
    {
        // A click while somebody types takes the typed text along.
        if (UserQuery.Clean(typed) is var text && text != asked.Search) asked = (asked with { Search = text }).AtFirst();
        // Known at once: the next click may come before the browser has arrived.
        query = asked;
        var address = asked.ToQueryString();
        sent.Enqueue(UserQuery.Parse(address));
        Navigation.NavigateTo(PortalUrls.Users + address, replace: replace);
    }
}
