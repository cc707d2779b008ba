using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Guides and asks PostgreSQL's planner where its own estimate would read a million rows. SQLite chooses by the statement alone and needs nothing.
/// </summary>
public sealed class PlannerHints(PortalDbContext context)
{
    /// <summary>
    /// Makes PostgreSQL use indexes for the rest of the transaction. Its planner assumes that matching rows are spread evenly and may scan the table
    /// instead, expecting to find enough soon; if the rows of a common fragment are all at the end, it reads a million.
    /// </summary>
    /// <param name="inOrder">
    /// For a query that one small index answers in its order; PostgreSQL would rather combine two larger ones and read both to their end.
    /// </param>
    public async Task PreferIndexesAsync(bool inOrder = false, CancellationToken cancel = default)
    {
        if (!context.Database.IsNpgsql()) return;
        if (context.Database.CurrentTransaction is null) await context.Database.BeginTransactionAsync(cancel);
        await context.Database.ExecuteSqlAsync($"SET LOCAL enable_seqscan = off", cancel);
        if (inOrder) await context.Database.ExecuteSqlAsync($"SET LOCAL enable_bitmapscan = off", cancel);
    }

    /// <summary>
    /// Whether a query is likely to find more than <paramref name="count"/> rows. PostgreSQL estimates from its statistics without reading a row;
    /// SQLite keeps no such statistics, so that rows are counted up to that number.
    /// </summary>
    public async Task<bool> ExpectsMoreThanAsync<T>(IQueryable<T> rows, int count, CancellationToken cancel = default)
    {
        if (!context.Database.IsNpgsql()) return await rows.Take(count + 1).CountAsync(cancel) > count;
        await using var command = rows.CreateDbCommand();
        // The statement is EF's own, and typed text is in its parameters only. Braces in it are doubled, because SqlQueryRaw would take them for
        // placeholders.
        var explain = "EXPLAIN (FORMAT JSON) "
            + command.CommandText.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        var parameters = command.Parameters.Cast<NpgsqlParameter>().Select(parameter => (object)parameter.Clone()).ToArray();
#pragma warning disable EF1003 // Not built from anybody's input.
        var plan = await context.Database.SqlQueryRaw<string>(explain, parameters).ToListAsync(cancel);
#pragma warning restore EF1003
        using var document = JsonDocument.Parse(plan[0]);
        return document.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble() > count;
    }
}
