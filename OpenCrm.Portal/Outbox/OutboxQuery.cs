using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Outbox;

/// <summary>The states by which the page filters.</summary>
public enum MailState
{
    Waiting,
    Sent,
    Failed,
}

/// <summary>The position of a message in the list, which is ordered by time.</summary>
public sealed record OutboxCursor(DateTimeOffset At, Guid Id)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.UtcTicks}-{Id:N}");

    /// <summary>Reads a cursor from the address; null if the text is none, because anybody can type an address.</summary>
    public static OutboxCursor? Parse(string? text)
    {
        var parts = (text ?? "").Split('-');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks
            && Guid.TryParseExact(parts[1], "N", out var id) ? new(new(ticks, TimeSpan.Zero), id) : null;
    }
}

/// <summary>What the page shows, newest first. It is kept in the address, so that Back and F5 restore it.</summary>
public sealed record OutboxQuery : IAddressedQuery<OutboxQuery>
{
    public const int SearchLength = 100;

    public static string Path => PortalUrls.Outbox;

    static int IAddressedQuery<OutboxQuery>.MostSearched => SearchLength;

    string IAddressedQuery<OutboxQuery>.Sought => Search;

    public string Search { get; init; } = "";

    /// <summary>Whether the search in the address held characters that no name can hold. They are left out.</summary>
    public bool LeftOut { get; private init; }

    public MailState? State { get; init; }

    /// <summary>If set, only messages older than this one are shown.</summary>
    public OutboxCursor? Older { get; private init; }

    /// <summary>If set, only messages newer than this one are shown.</summary>
    public OutboxCursor? Newer { get; private init; }

    public bool IsFiltered => Search.Length > 0 || State is not null;

    /// <summary>The same query, starting from the newest message.</summary>
    public OutboxQuery AtStart() => this with { Older = null, Newer = null };

    public OutboxQuery SearchingFor(string text) => (this with { Search = text }).AtStart();

    public OutboxQuery OlderThan(OutboxCursor cursor) => this with { Older = cursor, Newer = null };

    public OutboxQuery NewerThan(OutboxCursor cursor) => this with { Older = null, Newer = cursor };

    /// <summary>Reads a query string. What it does not understand stays at its default.</summary>
    public static OutboxQuery Parse(string? queryString)
    {
        var values = QueryHelpers.ParseQuery(queryString);
        string? Value(string key) => values.TryGetValue(key, out var found) ? found[0] : null;
        var query = new OutboxQuery
        {
            Search = Clean(Value("search")),
            LeftOut = LeavesOut(Value("search")),
            State = Enum.GetValues<MailState>().Cast<MailState?>()
                .FirstOrDefault(state => string.Equals(state.ToString(), Value("state"), StringComparison.OrdinalIgnoreCase)),
        };
        if (OutboxCursor.Parse(Value("older")) is { } older) return query.OlderThan(older);
        return OutboxCursor.Parse(Value("newer")) is { } newer ? query.NewerThan(newer) : query;
    }

    /// <summary>Returns the typed text without characters that no address or subject can hold, and no longer than a search may be.</summary>
    public static string Clean(string? typed) => IncomingText.Cleaned(typed, SearchLength);

    /// <summary>Whether <see cref="Clean"/> leaves out characters for another reason than length. The page then says so.</summary>
    public static bool LeavesOut(string? typed) => !IncomingText.IsLine((typed ?? "").Trim());

    /// <summary>Returns the query string for the address; empty for the list as it first opens.</summary>
    public string ToQueryString()
    {
        var values = new Dictionary<string, string?>();
        if (Search.Length > 0) values["search"] = Search;
        if (State is { } state) values["state"] = state.ToString().ToLowerInvariant();
        if (Older is not null) values["older"] = Older.ToString();
        if (Newer is not null) values["newer"] = Newer.ToString();
        return QueryHelpers.AddQueryString("", values);
    }
}
