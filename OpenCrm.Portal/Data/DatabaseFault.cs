using Microsoft.Data.Sqlite;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>Tells a database that is away, or busy with somebody else, from a row that cannot be worked on: only the second is the row's own failure.</summary>
public static class DatabaseFault
{
    /// <summary>
    /// Whether the same work may well succeed once the database is back. Time that ran out is not among it: whether the database is away, or one row is held by somebody,
    /// is seen by the next statement.
    /// </summary>
    public static bool IsAway(Exception failed)
    {
        for (Exception? cause = failed; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException postgres:
                    return IsAway(postgres.SqlState);
                case NpgsqlException { InnerException: not TimeoutException }:
                case System.Net.Sockets.SocketException:
                    return true;
                case SqliteException sqlite:
                    // Busy, locked, read-only, input or output failed, disk full, file not to be opened.
                    return sqlite.SqliteErrorCode is 5 or 6 or 8 or 10 or 13 or 14;
            }
        }
        return false;
    }

    private static bool IsAway(string state) =>
        // Connection, resources, operator intervention, system; a time-out of one statement comes as an intervention too.
        (state.Length == 5 && state[..2] is "08" or "28" or "53" or "57" or "58" && state != PostgresErrorCodes.QueryCanceled)
        || state is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InvalidCatalogName;
}
