using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.AuditLog;

/// <summary>From where a page is read: the newest event, or before or after a cursor.</summary>
public enum AuditTurn
{
    Newest,
    Older,
    Newer,
}

/// <summary>The place of an event in the trail: its time, and its number among events of the same time.</summary>
public sealed record AuditCursor(DateTimeOffset At, long Id)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.UtcTicks}-{Id}");

    /// <summary>Reads a cursor; null for anything else, because anybody can type an address.</summary>
    public static AuditCursor? Parse(string? text) =>
        text?.Split('-') is [var at, var id]
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks
        && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(new(ticks, TimeSpan.Zero), number) : null;
}

/// <summary>What the audit trail shows. It is kept in the page's address, so that Back and F5 restore it (docs/spec.md 9.2).</summary>
public sealed record AuditQuery : IAddressedQuery<AuditQuery>
{
    public const int UserLength = 100;
    private const string DateFormat = "yyyy-MM-dd";

    public static string Path => PortalUrls.AuditTrail;

    static int IAddressedQuery<AuditQuery>.MostSearched => UserLength;

    string IAddressedQuery<AuditQuery>.Sought => User;

    /// <summary>A username, an e-mail address, or a fragment of one or of a name.</summary>
    public string User { get; init; } = "";

    /// <summary>Whether the address held characters that no name holds; they are left out.</summary>
    public bool LeftOut { get; private init; }

    public string? Kind { get; init; }

    public DateOnly? From { get; init; }

    /// <summary>The last day, included.</summary>
    public DateOnly? To { get; init; }

    /// <summary>
    /// The time zone in which days begin and end, as the browser names it; null = UTC. It is in the address, so that a download covers the same days
    /// as the page.
    /// </summary>
    public string? Zone { get; init; }

    public AuditTurn Turn { get; private init; }

    public AuditCursor? Cursor { get; private init; }

    public bool IsFiltered => User.Length > 0 || Kind is not null || From is not null || To is not null;

    public DateTimeOffset? Since => From is { } from ? Midnight(from) : null;

    public DateTimeOffset? Until => To is { } to ? Midnight(to.AddDays(1)) : null;

    /// <summary>Returns the query from its newest event on. Needed whenever a filter changes.</summary>
    public AuditQuery AtStart() => this with { Turn = AuditTurn.Newest, Cursor = null };

    public AuditQuery SearchingFor(string text) => (this with { User = text }).AtStart();

    public AuditQuery OlderThan(AuditCursor cursor) => this with { Turn = AuditTurn.Older, Cursor = cursor };

    public AuditQuery NewerThan(AuditCursor cursor) => this with { Turn = AuditTurn.Newer, Cursor = cursor };

    /// <summary>Reads a query string. Whatever it does not understand keeps its default.</summary>
    public static AuditQuery Parse(string? queryString)
    {
        var values = QueryHelpers.ParseQuery(queryString);
        string? Value(string key) => values.TryGetValue(key, out var found) ? found[0] : null;
        var query = new AuditQuery
        {
            User = Clean(Value("user")),
            LeftOut = LeavesOut(Value("user")),
            Kind = KindOf(Value("kind")),
            From = Date(Value("from")),
            To = Date(Value("to")),
            Zone = Value("zone") is { Length: > 0 and < 64 } zone && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? zone : null,
        };
        if (AuditCursor.Parse(Value("older")) is { } older) return query.OlderThan(older);
        return AuditCursor.Parse(Value("newer")) is { } newer ? query.NewerThan(newer) : query;
    }

    /// <summary>Removes from a search what no name can hold.</summary>
    public static string Clean(string? typed) => IncomingText.Cleaned(typed, UserLength);

    public static string? KindOf(string? text) =>
        AuditWording.Kinds.FirstOrDefault(kind => string.Equals(kind, text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a day; null for anything else, and for years before 1900 or after 2999.</summary>
    public static DateOnly? Date(string? text) =>
        DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date.Year is >= 1900 and < 3000
                ? date : null;

    public static string? Date(DateOnly? date) => date?.ToString(DateFormat, CultureInfo.InvariantCulture);

    /// <summary>Whether <see cref="Clean"/> removes characters, apart from cutting the length: then the page says so.</summary>
    public static bool LeavesOut(string? typed) => !IncomingText.IsLine((typed ?? "").Trim());

    /// <summary>Returns the query string of the address; empty without filters and cursor.</summary>
    public string ToQueryString()
    {
        var values = new Dictionary<string, string?>();
        if (User.Length > 0) values["user"] = User;
        if (Kind is not null) values["kind"] = Kind;
        if (From is not null) values["from"] = Date(From);
        if (To is not null) values["to"] = Date(To);
        if (Zone is not null && (From ?? To) is not null) values["zone"] = Zone;
        if (Turn == AuditTurn.Older) values["older"] = Cursor!.ToString();
        if (Turn == AuditTurn.Newer) values["newer"] = Cursor!.ToString();
        return QueryHelpers.AddQueryString("", values);
    }

    private DateTimeOffset Midnight(DateOnly date)
    {
        var zone = Zone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(Zone);
        var start = date.ToDateTime(TimeOnly.MinValue);
        // Where clocks go forward at midnight, the day begins an hour later.
        if (zone.IsInvalidTime(start)) start = start.AddHours(1);
        return new(TimeZoneInfo.ConvertTimeToUtc(start, zone), TimeSpan.Zero);
    }
}
