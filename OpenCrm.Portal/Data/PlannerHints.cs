using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>What PostgreSQL's planner is told, and asked, where its own estimate would read a million rows. SQLite decides by the statement alone.</summary>
public sealed class PlannerHints(PortalDbContext context)
{
    /// <summary>
    /// For what is read from here on: PostgreSQL takes an index also where it expects to meet enough rows soon in the table itself. It expects them to lie evenly, and would read
    /// a million where those of a common fragment lie at its end.
    /// </summary>
    /// <param name="inOrder">For a question that one small index answers in its order: PostgreSQL would rather join two larger ones, and read both to their end.</param>
    public async Task PreferIndexesAsync(bool inOrder = false, CancellationToken cancel = default)
    {
        if (!context.Database.IsNpgsql()) return;
        if (context.Database.CurrentTransaction is null) await context.Database.BeginTransactionAsync(cancel);
        await context.Database.ExecuteSqlAsync($"SET LOCAL enable_seqscan = off", cancel);
        if (inOrder) await context.Database.ExecuteSqlAsync($"SET LOCAL enable_bitmapscan = off", cancel);
    }

    /// <summary>
    /// Whether a query likely finds more rows than so many. PostgreSQL says from its statistics how many it expects, without looking at one; SQLite, which keeps none of the kind,
    /// counts so far.
    /// </summary>
    public async Task<bool> ExpectsMoreThanAsync<T>(IQueryable<T> rows, int count, CancellationToken cancel = default)
    {
        if (!context.Database.IsNpgsql()) return await rows.Take(count + 1).CountAsync(cancel) > count;
        await using var command = rows.CreateDbCommand();
        // The statement is EF's own, and what people typed is in its parameters; braces in it are no holes to fill.
        var explain = "EXPLAIN (FORMAT JSON) " + command.CommandText.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        var parameters = command.Parameters.Cast<NpgsqlParameter>().Select(parameter => (object)parameter.Clone()).ToArray();
#pragma warning disable EF1003 // Not built from anybody's input.
        var plan = await context.Database.SqlQueryRaw<string>(explain, parameters).ToListAsync(cancel);
#pragma warning restore EF1003
        using var document = JsonDocument.Parse(plan[0]);
        return document.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble() > count;
    }
}
