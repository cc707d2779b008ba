using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace OpenCrm.Portal;

/// <summary>
/// Tells whether a failure means that the database is away: stopped, restarted, full, damaged, out of reach, refusing the portal, or busy with
/// another transaction. The same action may succeed later, so people are asked to try again and lose nothing, and a worker does not count it as a
/// failure of its row. A refused value or a wrong statement is no outage.
/// </summary>
internal static class Outage
{
    // Connection, authorization (the password was changed), catalogue (the database was dropped), resources, intervention, system.
    private static readonly string[] PostgresClasses = ["08", "28", "3D", "53", "57", "58"];

    // Another transaction was faster, or holds the row: the same action may succeed at once.
    private static readonly string[] PostgresConflicts =
        [PostgresErrorCodes.SerializationFailure, PostgresErrorCodes.DeadlockDetected, PostgresErrorCodes.LockNotAvailable];

    // Busy, locked.
    private static readonly int[] SqliteConflicts = [5, 6];

    // Read-only, I/O, corrupt, full, cannot open, not a database.
    private static readonly int[] SqliteCodes = [8, 10, 11, 13, 14, 26];

    /// <summary>Whether the failure is an outage or a conflict with another transaction.</summary>
    /// <param name="failure">What was caught.</param>
    /// <param name="timeouts">
    /// Whether a timeout counts. For a person who waits at a page it does. A worker cannot tell from it whether the database is away or one row is
    /// held by another transaction; its next statement shows that.
    /// </param>
    public static bool IsOne(Exception failure, bool timeouts = true) => IsConflict(failure) || Causes(failure).Any(cause => cause switch
    {
        // A statement that was stopped by its timeout reports a code of the class "intervention".
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => timeouts,
        // "Read-only" means that the server is no longer the primary.
        PostgresException postgres => postgres.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction
            || PostgresClasses.Any(c => postgres.SqlState.StartsWith(c, StringComparison.Ordinal)),
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => timeouts,
        NpgsqlException or SocketException => true,
        SqliteException sqlite => SqliteCodes.Contains(sqlite.SqliteErrorCode),
        _ => false,
    });

    /// <summary>Whether the failure is only another transaction's lock, or a deadlock: the database itself is reachable.</summary>
    public static bool IsConflict(Exception failure) => Causes(failure).Any(cause => cause switch
    {
        PostgresException postgres => PostgresConflicts.Contains(postgres.SqlState),
        SqliteException sqlite => SqliteConflicts.Contains(sqlite.SqliteErrorCode),
        _ => false,
    });

    /// <summary>Returns the failure and its inner exceptions, outermost first.</summary>
    public static IEnumerable<Exception> Causes(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
            if (cause is AggregateException { InnerExceptions: var several })
                foreach (var inner in several.Skip(1).SelectMany(Causes)) yield return inner;
        }
    }

    /// <summary>Returns the reason in one line for the operator, in the words of the database or its driver.</summary>
    public static string Reason(Exception failure) => Causes(failure).OfType<PostgresException>().FirstOrDefault() is { } postgres
        ? $"{OneLine(postgres.MessageText)} ({postgres.SqlState})"
        : OneLine(Causes(failure).FirstOrDefault(cause => cause is NpgsqlException or SqliteException)?.Message ?? failure.Message);

    public static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
