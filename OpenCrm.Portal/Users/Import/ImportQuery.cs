using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users.Import;

/// <summary>By what the rows of an import are filtered.</summary>
public enum ImportFilter
{
    New,
    Changed,
    Unchanged,
    Wrong,
    NotImported,
}

/// <summary>Which rows of the import the page shows, in the order of the file. It is kept in the address, so that Back and F5 restore it.</summary>
public sealed record ImportQuery : IAddressedQuery<ImportQuery>
{
    public static string Path => PortalUrls.UsersImport;

    static int IAddressedQuery<ImportQuery>.MostSearched => 0;

    string IAddressedQuery<ImportQuery>.Sought => "";

    bool IAddressedQuery<ImportQuery>.LeftOut => false;

    public ImportFilter? Show { get; init; }

    /// <summary>If set, only rows after this line are shown.</summary>
    public int? After { get; private init; }

    /// <summary>If set, only rows before this line are shown.</summary>
    public int? Before { get; private init; }

    /// <summary>Whether the last page is shown.</summary>
    public bool AtEnd { get; private init; }

    public ImportQuery AtStart() => this with { After = null, Before = null, AtEnd = false };

    public ImportQuery AtLast() => AtStart() with { AtEnd = true };

    public ImportQuery AfterLine(int line) => AtStart() with { After = line };

    public ImportQuery BeforeLine(int line) => AtStart() with { Before = line };

    public ImportQuery SearchingFor(string text) => this;

    /// <summary>Reads a query string. What it does not understand stays at its default.</summary>
    public static ImportQuery Parse(string? queryString)
    {
        var values = QueryHelpers.ParseQuery(queryString);
        string? Value(string key) => values.TryGetValue(key, out var found) ? found[0] : null;
        int? Line(string key) => int.TryParse(Value(key), NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? line : null;
        var query = new ImportQuery
        {
            Show = Enum.GetValues<ImportFilter>().Cast<ImportFilter?>()
                .FirstOrDefault(show => string.Equals(show.ToString(), Value("show"), StringComparison.OrdinalIgnoreCase)),
        };
        if (Line("after") is { } after) return query.AfterLine(after);
        if (Line("before") is { } before) return query.BeforeLine(before);
        return Value("page") == "last" ? query.AtLast() : query;
    }

    /// <summary>Nothing is typed here.</summary>
    public static string Clean(string? typed) => "";

    /// <inheritdoc cref="Clean" />
    public static bool LeavesOut(string? typed) => false;

    /// <summary>Returns the query string for the address; empty for the rows as they first open.</summary>
    public string ToQueryString()
    {
        var values = new Dictionary<string, string?>();
        if (Show is { } show) values["show"] = show.ToString().ToLowerInvariant();
        if (After is { } after) values["after"] = after.ToString(CultureInfo.InvariantCulture);
        if (Before is { } before) values["before"] = before.ToString(CultureInfo.InvariantCulture);
        if (AtEnd) values["page"] = "last";
        return QueryHelpers.AddQueryString("", values);
    }
}
