using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The page Settings → Users.</summary>
public sealed partial class UserListPage(
    UserList users,
    Announcer announcer,
    NavigationManager navigation) : AddressedList<UserQuery>(announcer, navigation)
{
    private UserQuery? counted;
    private UserPage? page;
    private UserCounts? counts;

    protected override string Heard => page is { Rows.Count: 0 } ? Texts.Users_EmptyTitle : Summary;

    private string Summary =>
        page is null || counts is null
            ? ""
            : Phrase.Of(Texts.Users_Shown, page.Rows.Count, FilterChip.Number(counts.All), Heading(Query.Sort));

    protected override async Task ReadAsync(UserQuery asked, CancellationToken cancel) => page = await users.ReadAsync(asked, cancel);

    protected override async Task CountAsync(UserQuery asked, CancellationToken cancel)
    {
        // Another page or another order of the same rows has the same counts.
        var rows = asked.AtStart() with { Sort = default, Descending = false };
        if (rows != counted) (counts, counted) = (await users.CountAsync(asked, cancel), rows);
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

    private void Clear() => Clear(new UserQuery { Sort = Query.Sort, Descending = Query.Descending });
}
