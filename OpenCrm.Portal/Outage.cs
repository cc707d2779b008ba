using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace OpenCrm.Portal;

/// <summary>
/// Whether something failed because the database is away: stopped, restarted, full, damaged, out of reach, no longer letting the portal in, or busy with somebody else. The same may
/// succeed once it is back: people are asked to try again and lose nothing, and a worker counts it against no row. A refused value or a wrong statement is none.
/// </summary>
internal static class Outage
{
    // Connection, authorization (the password was changed), catalogue (the database was dropped), resources, intervention, system.
    private static readonly string[] PostgresClasses = ["08", "28", "3D", "53", "57", "58"];

    // Somebody else was quicker, or holds the row: the same may succeed at once.
    private static readonly string[] PostgresConflicts = [PostgresErrorCodes.SerializationFailure, PostgresErrorCodes.DeadlockDetected, PostgresErrorCodes.LockNotAvailable];

    // Busy, locked.
    private static readonly int[] SqliteConflicts = [5, 6];

    // Read-only, I/O, corrupt, full, cannot open, not a database.
    private static readonly int[] SqliteCodes = [8, 10, 11, 13, 14, 26];

    /// <param name="failure">What was caught.</param>
    /// <param name="timeouts">
    /// Whether time that ran out counts. To whoever waits before a page it is the same; a worker does not know by it whether the database is away or one row is held by somebody,
    /// and its next statement tells.
    /// </param>
    public static bool IsOne(Exception failure, bool timeouts = true) => IsConflict(failure) || Causes(failure).Any(cause => cause switch
    {
        // A statement that was stopped for its time comes as an intervention.
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => timeouts,
        // "Read-only" is a server that was demoted.
        PostgresException postgres => postgres.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction || PostgresClasses.Any(c => postgres.SqlState.StartsWith(c, StringComparison.Ordinal)),
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => timeouts,
        NpgsqlException or SocketException => true,
        SqliteException sqlite => SqliteCodes.Contains(sqlite.SqliteErrorCode),
        _ => false,
    });

    /// <summary>Whether it is nothing but somebody else's lock, or the other half of a deadlock: the database is there.</summary>
    public static bool IsConflict(Exception failure) => Causes(failure).Any(cause => cause switch
    {
        PostgresException postgres => PostgresConflicts.Contains(postgres.SqlState),
        SqliteException sqlite => SqliteConflicts.Contains(sqlite.SqliteErrorCode),
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
