using System.Data.Common;
using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Carries over a database that was made before v0.1.0. Until then the schema came from up to ten migrations; now one, <c>Initial</c>, makes all of
/// it. The database gets what it lacks, is compared with what <c>Initial</c> makes, and from then on counts as made by it.
/// docs/architecture.md says what goes with it once no database of before v0.1.0 is left.
/// </summary>
internal static class EarlierSchema
{
    /// <summary>The last commit with the ten migrations: it brings every database of before v0.1.0 to their end.</summary>
    public const string LastCommit = "27fa54d";

    private static readonly Past Sqlite = new(
        "Sqlite",
        ["20261124161813_Initial", "20261124161842_AuditTrailAppendOnly", "20261125001651_UserListOfTheFew"],
        [
            "20261127225953_UnansweredRequestsAndToldLocks", "20261127230130_HelpRatings", "20261127230242_PendingEnrolments",
            "20261127230352_OutboxRefusals", "20261127231258_NameRules", "20261128000802_WaitingPublicAddress",
        ],
        ["FromFirstRelease"],
        []);

    private static readonly Past Postgres = new(
        "Postgres",
        ["20261124161818_Initial", "20261124161836_UserSearch", "20261124161848_AuditTrailAppendOnly", "20261125001722_UserListOfTheFew"],
        [
            "20261127230003_UnansweredRequestsAndToldLocks", "20261127230134_HelpRatings", "20261127230248_PendingEnrolments",
            "20261127230357_OutboxRefusals", "20261127231313_NameRules", "20261128000823_WaitingPublicAddress",
        ],
        ["FromFirstRelease", "WithoutDefaults"],
        ["WithoutDefaults"]);

    /// <summary>The migrations of before v0.1.0 among those that were applied.</summary>
    public static List<string> Among(PortalDbContext context, IEnumerable<string> applied) => [.. applied.Intersect(Of(context).All)];

    /// <summary>Whether a database with these migrations, all of before v0.1.0, is one that can be carried over.</summary>
    public static bool CanCarryOver(PortalDbContext context, IReadOnlyCollection<string> earlier) => Of(context).ScriptsFrom(earlier) is not null;

    /// <summary>
    /// Carries the database over where it was made before v0.1.0. All of it is one transaction: a start that is killed, and a database that turns out
    /// to be different, stay as they were.
    /// </summary>
    /// <exception cref="StartRefusedException">The schema is not the one that those versions made.</exception>
    public static async Task CarryOverAsync(PortalDbContext context, string place)
    {
        var past = Of(context);
        if (past.ScriptsFrom(await ReadHistoryAsync(context)) is null) return;
        await using var everything = await context.Database.BeginTransactionAsync();
        // Read again, alone: a start lock that was lost, as with a connection that somebody ended, lets another node do this at the same time.
        if (context.Database.IsNpgsql()) await context.Database.ExecuteSqlRawAsync("""LOCK TABLE "__EFMigrationsHistory" IN ACCESS EXCLUSIVE MODE""");
        var applied = await ReadHistoryAsync(context);
        if (past.ScriptsFrom(applied) is not { } scripts) return;
        if (await TryRunAsync(context, scripts) is { } refused) throw Different(place, refused);
        if (await FindDifferenceAsync(context, past) is { } difference) throw Different(place, difference);
        var history = context.GetService<IHistoryRepository>();
        foreach (var migration in applied) await context.Database.ExecuteSqlRawAsync(history.GetDeleteScript(migration));
        var initial = new HistoryRow(context.Database.GetMigrations().First(), ProductInfo.GetVersion());
        await context.Database.ExecuteSqlRawAsync(history.GetInsertScript(initial));
        await everything.CommitAsync();
    }

    /// <summary>
    /// Reads the schema as lines of the table, what of it, and how that is made; sorted. Left out is what may differ: the order of columns, their
    /// defaults, which SQLite keeps of columns that were added to filled tables, and the index for searching, which not everybody may create.
    /// </summary>
    public static async Task<List<string>> ReadAsync(PortalDbContext context)
    {
        var lines = await context.Database.SqlQueryRaw<string>(Of(context).Resource("Schema.sql")).ToListAsync();
        return [.. lines.Select(Outage.OneLine).Order(StringComparer.Ordinal)];
    }

    /// <summary>Returns the lines of <see cref="ReadAsync"/> in a database that <c>Initial</c> has made.</summary>
    public static List<string> Expected(PortalDbContext context) =>
        [.. Of(context).Resource("Initial.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static async Task<List<string>> ReadHistoryAsync(PortalDbContext context) => [.. await context.Database.GetAppliedMigrationsAsync()];

    private static Past Of(PortalDbContext context) => context.Database.IsSqlite() ? Sqlite : Postgres;

    /// <returns>What the database says where something that the scripts change is not there, or there already; null if they ran.</returns>
    private static async Task<string?> TryRunAsync(PortalDbContext context, string[] scripts)
    {
        try
        {
            foreach (var script in scripts) await context.Database.ExecuteSqlRawAsync(Of(context).Resource(script + ".sql"));
            return null;
        }
        catch (DbException refused) when (IsAboutTheSchema(refused))
        {
            return $"the database says \"{Outage.OneLine((refused as PostgresException)?.MessageText ?? refused.Message)}\"";
        }
    }

    /// <summary>Whether the statement did not fit the schema. Missing rights, a full disk and a lost connection have their own lines.</summary>
    private static bool IsAboutTheSchema(DbException refused) => refused switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode == 1,
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => false,
        PostgresException postgres => postgres.SqlState.StartsWith("42", StringComparison.Ordinal),
        _ => false,
    };

    /// <returns>The first difference from what <c>Initial</c> makes, in words. Tables that are not the portal's do not count.</returns>
    private static async Task<string?> FindDifferenceAsync(PortalDbContext context, Past past)
    {
        var lines = Expected(context).Select(SchemaLine.Of).ToList();
        var tables = lines.Select(line => line.Table).ToHashSet();
        var expected = lines.ToLookup(line => line.Name, line => line.Definition);
        var found = (await ReadAsync(context)).Select(SchemaLine.Of).Where(line => tables.Contains(line.Table))
            .ToLookup(line => line.Name, line => line.Definition);
        foreach (var name in expected.Concat(found).Select(named => named.Key).Distinct().Order(StringComparer.Ordinal))
        {
            var (actual, wanted) = (string.Join(", ", found[name]), string.Join(", ", expected[name]));
            if (actual.Length == 0) return $"{name} is missing";
            if (wanted.Length == 0) return $"{name} does not belong there";
            if (actual != wanted) return $"{name} is \"{actual}\" instead of \"{wanted}\"";
        }
        return null;
    }

    private static StartRefusedException Different(string place, string difference) => new(
        $"The schema of {place} is not the one that the earlier version made: {difference}. "
        + "Nothing was changed, and the earlier version still works on it. "
        + "Undo what was changed in the schema by hand, or restore a backup from before that, then start this version again.");

    /// <param name="Table">The table that it is or belongs to.</param>
    /// <param name="Name">What it is, as an operator reads it.</param>
    /// <param name="Definition">How it is made.</param>
    private sealed record SchemaLine(string Table, string Name, string Definition)
    {
        public static SchemaLine Of(string line)
        {
            var parts = line.Split(" | ", 3);
            return new(parts[0], parts[1] == "table" ? $"the table {parts[0]}" : $"the {parts[1]} of {parts[0]}", parts[2]);
        }
    }

    /// <param name="Folder">How its resources begin.</param>
    /// <param name="FirstRelease">The migrations of the first release, commit 05ac81f.</param>
    /// <param name="Later">Those that came between it and v0.1.0.</param>
    /// <param name="ScriptsFromFirstRelease">What leads from the first release's schema to that of v0.1.0.</param>
    /// <param name="ScriptsFromLast">What leads from the schema of all of them to that of v0.1.0.</param>
    private sealed record Past(string Folder, string[] FirstRelease, string[] Later, string[] ScriptsFromFirstRelease, string[] ScriptsFromLast)
    {
        public IEnumerable<string> All => FirstRelease.Concat(Later);

        /// <returns>The scripts that carry over a database with just these migrations; null if it is none of the two.</returns>
        public string[]? ScriptsFrom(IReadOnlyCollection<string> applied)
        {
            var migrations = applied.ToHashSet(StringComparer.Ordinal);
            if (migrations.SetEquals(FirstRelease)) return ScriptsFromFirstRelease;
            return migrations.SetEquals(All) ? ScriptsFromLast : null;
        }

        public string Resource(string name)
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Earlier/{Folder}.{name}")
                ?? throw new InvalidOperationException($"Earlier/{Folder}.{name} is not embedded");
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }
}
