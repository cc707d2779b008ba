using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>A request that people make to the user list, with its time limit.</summary>
/// <param name="Limit">The most milliseconds that its statements may take together in 95 of 100 runs, at a million users.</param>
internal sealed record UserListScenario(string Name, UserQuery Query, int Limit)
{
    /// <summary>No limit.</summary>
    public const int None = int.MaxValue;

    /// <summary>The limit for a page that is a range of an index.</summary>
    public const int Page = 5;

    /// <summary>The limit for a search.</summary>
    public const int Search = 20;

    /// <summary>Parts of names: of about every twentieth user, of one in a thousand, of a handful, of everybody, of nobody.</summary>
    private static readonly string[] Fragments = ["son", "hiv", "zyl", "emo", "qqq"];

    /// <param name="deep">The cursor in the middle of the list, by column.</param>
    public static IEnumerable<UserListScenario> All(IReadOnlyDictionary<UserColumn, UserCursor> deep)
    {
        foreach (var column in Enum.GetValues<UserColumn>())
            foreach (var descending in new[] { false, true })
            {
                var query = new UserQuery { Sort = column, Descending = descending };
                var name = $"sort {column}{(descending ? " descending" : "")}";
                yield return new($"{name}: first page", query, Page);
                yield return new($"{name}: next at the middle", query.After(deep[column]), Page);
                yield return new($"{name}: previous at the middle", query.Before(deep[column]), Page);
                yield return new($"{name}: last page", query.AtLast(), Page);
            }
        foreach (var (name, filter) in Filters)
            foreach (var column in Enum.GetValues<UserColumn>())
                foreach (var descending in new[] { false, true })
                {
                    yield return new(
                        $"filter {name}, sort {column}{(descending ? " descending" : "")}",
                        filter with { Sort = column, Descending = descending },
                        Page);
                }
        foreach (var fragment in Fragments)
            foreach (var column in Enum.GetValues<UserColumn>())
                foreach (var descending in new[] { false, true })
                {
                    yield return new(
                        $"search {fragment}, sort {column}{(descending ? " descending" : "")}",
                        new() { Search = fragment, Sort = column, Descending = descending },
                        Search);
                }
        // No index finds one letter or two. A common pair is found at once; for a rare one the whole table is read.
        foreach (var pair in new[] { "on", "zq" }) yield return new($"search {pair}, sort Username", new() { Search = pair }, None);
        // The worst case of a search: all users who match are at the far end of the order.
        yield return new("search anna., sort Username descending", new() { Search = "anna.", Descending = true }, Search);
        yield return new("search zuz, sort Username", new() { Search = "zuz" }, Search);
    }

    private static IEnumerable<(string Name, UserQuery Query)> Filters =>
    [
        ("MFA yes", new() { Mfa = true }),
        ("MFA no", new() { Mfa = false }),
        .. Enum.GetValues<AccountStatus>().Select(status => ($"status {status}", new UserQuery { Status = status })),
        ("MFA yes, status Inactive", new() { Mfa = true, Status = AccountStatus.Inactive }),
        ("administrators", new() { Administrators = true }),
        ("MFA yes, status Inactive, administrators", new() { Mfa = true, Status = AccountStatus.Inactive, Administrators = true }),
    ];
}
