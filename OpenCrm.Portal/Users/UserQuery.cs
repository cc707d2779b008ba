using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The columns that a click on their header sorts by.</summary>
public enum UserColumn
{
    Username,
    Name,
    Email,
    SystemAdministrator,
    Status,
    Mfa,
    LastSignIn,
}

/// <summary>Where a page begins.</summary>
public enum UserTurn
{
    First,
    After,
    Before,
    Last,
}

/// <summary>A place in the order: a segment, a sort value in it, and an id. The place stays valid when the row itself moves or is renamed.</summary>
public sealed record UserCursor(int Segment, Guid Id, string? Value)
{
    public override string ToString() =>
        WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Segment} {Id:N} {Value}")));

    /// <summary>Reads a cursor from an address. Null if it is none: anybody can type an address.</summary>
    public static UserCursor? Parse(string? text)
    {
        if (text is not { Length: > 0 and < 2_000 }) return null;
        try
        {
            var parts = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(text)).Split(' ', 3);
            return parts.Length == 3 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var segment)
                && Guid.TryParseExact(parts[1], "N", out var id) && IncomingText.IsSecret(parts[2])
                ? new(segment, id, parts[2].Length == 0 ? null : parts[2]) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>What the list shows, taken from its address, so that Back and F5 restore it (docs/spec.md 5.1).</summary>
public sealed record UserQuery : IAddressedQuery<UserQuery>
{
    public const int SearchLength = 100;

    public static string Path => PortalUrls.Users;

    static int IAddressedQuery<UserQuery>.MostSearched => SearchLength;

    string IAddressedQuery<UserQuery>.Sought => Search;

    public string Search { get; init; } = "";

    /// <summary>Whether the address contained characters that no name may hold.</summary>
    public bool LeftOut { get; private init; }

    public UserColumn Sort { get; init; }

    public bool Descending { get; init; }

    public AccountStatus? Status { get; init; }

    public bool? Mfa { get; init; }

    public bool Administrators { get; init; }

    /// <summary>Due or overdue with setting up MFA (docs/spec.md 12.5); null for both and neither.</summary>
    public MfaDutyState? Duty { get; init; }

    public UserTurn Turn { get; private init; }

    public UserCursor? Cursor { get; private init; }

    public bool IsFiltered => Search.Length > 0 || Status is not null || Mfa is not null || Administrators || Duty is not null;

    /// <summary>Whether this user passes the filters; the search is not checked.</summary>
    public bool Takes(UserRow user) =>
        (Status ?? user.Status) == user.Status && (Mfa ?? user.MfaEnabled) == user.MfaEnabled && (Duty ?? user.Duty) == user.Duty
        && (!Administrators || user.IsSystemAdministrator);

    /// <summary>The same query, from its first page.</summary>
    public UserQuery AtStart() => this with { Turn = UserTurn.First, Cursor = null };

    /// <summary>Search and filters alone: the same for every page and order of the same users.</summary>
    public UserQuery Filter() => AtStart() with { Sort = default, Descending = false };

    public UserQuery SearchingFor(string text) => (this with { Search = text }).AtStart();

    public UserQuery AtLast() => this with { Turn = UserTurn.Last, Cursor = null };

    public UserQuery After(UserCursor cursor) => this with { Turn = UserTurn.After, Cursor = cursor };

    public UserQuery Before(UserCursor cursor) => this with { Turn = UserTurn.Before, Cursor = cursor };

    /// <summary>Reads a query string; unknown values keep their defaults.</summary>
    public static UserQuery Parse(string? queryString)
    {
        var values = QueryHelpers.ParseQuery(queryString);
        string? Value(string key) => values.TryGetValue(key, out var found) ? found[0] : null;
        T? Choice<T>(string key) where T : struct, Enum =>
            Enum.GetValues<T>().Cast<T?>().FirstOrDefault(value => string.Equals(value.ToString(), Value(key), StringComparison.OrdinalIgnoreCase));
        var query = new UserQuery
        {
            Search = Clean(Value("search")),
            LeftOut = LeavesOut(Value("search")),
            Sort = Choice<UserColumn>("sort") ?? default,
            Descending = Value("order") == "desc",
            Status = Choice<AccountStatus>("status"),
            Mfa = Value("mfa") switch { "yes" => true, "no" => false, _ => null },
            Administrators = Value("administrators") == "yes",
            Duty = Value("duty") switch { "due" => MfaDutyState.Due, "overdue" => MfaDutyState.Overdue, _ => null },
        };
        if (UserCursor.Parse(Value("after")) is { } after) return query.After(after);
        if (UserCursor.Parse(Value("before")) is { } before) return query.Before(before);
        return Value("page") == "last" ? query.AtLast() : query;
    }

    /// <summary>Removes from the typed text what no name can hold.</summary>
    public static string Clean(string? typed) => IncomingText.Cleaned(typed, SearchLength);

    /// <summary>Whether <see cref="Clean"/> removes characters instead of only shortening the text; the page then says so.</summary>
    public static bool LeavesOut(string? typed) => !IncomingText.IsLine((typed ?? "").Trim());

    /// <summary>The query string of the address; empty for the list as first opened.</summary>
    public string ToQueryString()
    {
        var values = new Dictionary<string, string?>();
        if (Search.Length > 0) values["search"] = Search;
        if (Sort != default) values["sort"] = Word(Sort);
        if (Descending) values["order"] = "desc";
        if (Status is { } status) values["status"] = Word(status);
        if (Mfa is { } mfa) values["mfa"] = mfa ? "yes" : "no";
        if (Administrators) values["administrators"] = "yes";
        if (Duty is { } duty) values["duty"] = Word(duty);
        if (Turn == UserTurn.After) values["after"] = Cursor!.ToString();
        if (Turn == UserTurn.Before) values["before"] = Cursor!.ToString();
        if (Turn == UserTurn.Last) values["page"] = "last";
        return QueryHelpers.AddQueryString("", values);
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
