using Microsoft.Data.Sqlite;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Explains a refusal of the database to the operator who starts the portal: in one line that names the setting and holds no secret.
/// </summary>
internal static class DatabaseFailure
{
    /// <param name="place">The database as <see cref="PortalDatabase.Place"/> names it; null once the portal runs.</param>
    /// <returns>The line; null if the failure is not one of the database.</returns>
    public static string? Describe(Exception failure, string? place = null)
    {
        foreach (var cause in Outage.Causes(failure))
        {
            switch (cause)
            {
                case PostgresException postgres:
                    return Describe(postgres, place ?? "the database");
                case SqliteException sqlite:
                    return Describe(sqlite, place ?? "the database file");
            }
        }
        return Outage.Causes(failure).Any(cause => cause is NpgsqlException)
            ? $"PostgreSQL does not answer ({place ?? "the database"}, ConnectionStrings:Portal): {Outage.Reason(failure)}"
            : null;
    }

    private static string Describe(PostgresException refused, string place)
    {
        var said = $"{Outage.OneLine(refused.MessageText)} ({refused.SqlState})";
        return refused.SqlState switch
        {
            PostgresErrorCodes.InvalidCatalogName => $"There is no such database: {said}. Create it, or correct ConnectionStrings:Portal.",
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"PostgreSQL does not let the user of ConnectionStrings:Portal in: {said}.",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"The user of ConnectionStrings:Portal has not enough rights in {place}: {said}. "
                + "Grant them, or start the portal once with a user that may change the schema.",
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                $"{place} takes no changes, as a standby does: {said}. Name the primary in ConnectionStrings:Portal.",
            _ => $"PostgreSQL refuses ({place}, ConnectionStrings:Portal): {said}.",
        };
    }

    private static string Describe(SqliteException refused, string place) => refused.SqliteErrorCode switch
    {
        5 or 6 => $"Another process keeps {place} locked (ConnectionStrings:Portal).",
        8 => $"The account that the portal runs as may not write to {place}, or to its folder (Portal:DataFolder, ConnectionStrings:Portal).",
        13 => $"The disk of {place} is full (Portal:DataFolder).",
        14 => $"The account that the portal runs as cannot open {place}, or make it in its folder (Portal:DataFolder, ConnectionStrings:Portal).",
        11 or 26 => $"What stands in {place} is no database, or a damaged one (Portal:DataFolder, ConnectionStrings:Portal). Restore the backup.",
        _ => $"SQLite refuses ({place}, ConnectionStrings:Portal): {Outage.OneLine(refused.Message)}",
    };
}
