using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The page Settings → Users.</summary>
public sealed partial class UserListPage(
    UserList users,
    BrowserTime browser,
    Announcer announcer,
    NavigationManager navigation) : AddressedList<UserQuery>(announcer, navigation)
{
    private readonly UserSelection selection = new();
    private UserQuery? counted;
    private UserPage? page;
    private UserCounts? counts;
    private SeveralAct? asked;
    private bool cleared;

    protected override string Heard => page is { Rows.Count: 0 } ? Texts.Users_EmptyTitle : Summary;

    private string Summary =>
        page is null || counts is null
            ? ""
            : Phrase.Of(Texts.Users_Shown, page.Rows.Count, FilterChip.Number(counts.All), Heading(Query.Sort));

    private bool AllOnPage => page is { Rows.Count: > 0 } && page.Rows.All(row => selection.Has(row.Id));

    private string SelectedText => AllMatch
        ? Phrase.Of(Texts.Users_AllSelected, selection.Number(counts?.All))
        : Phrase.Of(Texts.Users_Selected, selection.Number(counts?.All));

    private bool AllMatch => selection.IsAllThatMatch && selection.Now().Picked.Count == 0;

    /// <summary>Offered once the page is ticked and more match, as soon as it is known how many.</summary>
    private string? OfferAll =>
        !selection.IsAllThatMatch && AllOnPage && counts is not null && counted == Query.Filter() && counts.All.Value > page!.Rows.Count
            ? Phrase.Of(Texts.Users_SelectAll, FilterChip.Number(counts.All)) : null;

    protected override Task OnInitializedAsync()
    {
        browser.Changed += Redraw;
        return base.OnInitializedAsync();
    }

    protected override void Leave() => browser.Changed -= Redraw;

    protected override async Task ReadAsync(UserQuery asked, CancellationToken cancel)
    {
        if (!selection.BelongsTo(asked))
        {
            selection.Clear();
            cleared = true;
        }
        page = await users.ReadAsync(asked, cancel);
    }

    protected override async Task CountAsync(UserQuery asked, CancellationToken cancel)
    {
        // Another page or another order of the same rows has the same counts.
        var rows = asked.Filter();
        if (rows != counted) (counts, counted) = (await users.CountAsync(asked, cancel), rows);
    }

    protected override void Tell()
    {
        if (cleared) Announcer.Announce($"{Texts.Users_SelectionCleared} {Heard}");
        else base.Tell();
        cleared = false;
    }

    // The times of all rows: the browser has told its zone.
    private void Redraw() => _ = InvokeAsync(StateHasChanged);

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

    private void OnSortChosen(ChangeEventArgs change)
    {
        var parts = (change.Value as string ?? "").Split(' ');
        if (Enum.TryParse<UserColumn>(parts[0], out var column)) Show(Query with { Sort = column, Descending = parts.Length > 1 });
    }

    // The first click on these columns shows Yes or the newest first, because that is what people look for there.
    private void SortBy(UserColumn column) => Show(Query with
    {
        Sort = column,
        Descending = Query.Sort == column ? !Query.Descending : column is UserColumn.Mfa or UserColumn.SystemAdministrator or UserColumn.LastSignIn,
    });

    private void Select(IEnumerable<Guid> users, bool ticked)
    {
        selection.Set(Query, users, ticked);
        Announcer.Say(SelectedText);
    }

    private void SelectPage(bool ticked) => Select(page!.Rows.Select(row => row.Id), ticked);

    private void SelectAll()
    {
        selection.TakeAll(Query);
        Announcer.Say(SelectedText);
    }

    private void ClearSelection()
    {
        selection.Clear();
        Announcer.Say(SelectedText);
    }

    private async Task OnActedAsync(bool acted)
    {
        asked = null;
        if (!acted) return;
        selection.Clear();
        counted = null;
        await LoadAsync(quiet: true);
    }

    private void Clear() => Clear(new UserQuery { Sort = Query.Sort, Descending = Query.Descending });
}
