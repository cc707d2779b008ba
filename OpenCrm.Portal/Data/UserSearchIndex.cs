using Microsoft.EntityFrameworkCore;

namespace OpenCrm.Portal.Data;

/// <summary>
/// SQLite's index of the fragments of three characters and more that occur in names and addresses. PostgreSQL's own index (pg_trgm) needs no
/// statement of its own.
/// </summary>
public sealed class UserSearchIndex(PortalDbContext context)
{
    /// <summary>The shortest fragment that the index can find, in characters.</summary>
    private const int Shortest = 3;

    /// <summary>Whether the index can find a fragment.</summary>
    public bool Finds(string fragment) => context.Database.IsSqlite() && fragment.EnumerateRunes().Take(Shortest).Count() == Shortest;

    /// <summary>Finds the users whose names and address hold a fragment, if they are few.</summary>
    /// <param name="fragment">Normalized as the stored text is; the index must be able to find it.</param>
    /// <param name="most">What is few. The whole list is made for each query that asks with it.</param>
    /// <returns>A query of their ids, to ask with; null if they are more.</returns>
    public async Task<IQueryable<Guid>?> FindFewAsync(string fragment, int most, CancellationToken cancel = default)
    {
        // In quotes the fragment is one phrase, whatever it holds: nothing in it is an operator.
        var phrase = $"\"{fragment.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var count = await context.Database.SqlQuery<int>(
            $"""SELECT count(*) AS "Value" FROM (SELECT 1 FROM "UserSearch" WHERE "UserSearch" MATCH {phrase} LIMIT {most + 1})""")
            .SingleAsync(cancel);
        return count > most ? null : context.Database.SqlQuery<Guid>(
            $"""
            SELECT "UserId" AS "Value" FROM "UserSearchRows"
            WHERE "Number" IN (SELECT rowid FROM "UserSearch" WHERE "UserSearch" MATCH {phrase})
            """);
    }
}
