using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace OpenCrm.Portal;

/// <summary>
/// Whether something failed because the database is away: stopped, restarted, full, out of reach, or no longer letting the portal in. The same may succeed in a moment, so
/// people are asked to try again, and nothing of theirs is lost. A refused value or a wrong statement is none.
/// </summary>
internal static class Outage
{
    // Connection, authorization (the password was changed), catalogue (the database was dropped), resources, intervention, system, and "read-only" of a server that was demoted.
    private static readonly string[] PostgresClasses = ["08", "28", "3D", "53", "57", "58"];

    // Busy, locked, read-only, I/O, corrupt, full, cannot open, not a database.
    private static readonly int[] SqliteCodes = [5, 6, 8, 10, 11, 13, 14, 26];

    public static bool IsOne(Exception failure) => Causes(failure).Any(cause => cause switch
    {
        PostgresException postgres => postgres.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction || PostgresClasses.Any(c => postgres.SqlState.StartsWith(c, StringComparison.Ordinal)),
        NpgsqlException or SocketException or TimeoutException => true,
        SqliteException sqlite => SqliteCodes.Contains(sqlite.SqliteErrorCode),
        _ => false,
    });

    /// <summary>The failure and what it came from, outermost first.</summary>
    public static IEnumerable<Exception> Causes(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
            if (cause is AggregateException { InnerExceptions: var several })
                foreach (var inner in several.Skip(1).SelectMany(Causes)) yield return inner;
        }
    }

    /// <summary>The reason in one line for the operator: the innermost failure's own words.</summary>
    public static string Reason(Exception failure) => Causes(failure).OfType<PostgresException>().FirstOrDefault() is { } postgres
        ? $"{OneLine(postgres.MessageText)} ({postgres.SqlState})"
        : OneLine(Causes(failure).FirstOrDefault(cause => cause is NpgsqlException or SqliteException)?.Message ?? failure.Message);

    public static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
