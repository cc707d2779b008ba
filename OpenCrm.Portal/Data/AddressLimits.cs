using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Limits per client address, counted in the database so that they hold across nodes and restarts.</summary>
public sealed class AddressLimits(PortalDbContext context)
{
    /// <summary>
    /// Counts one more in the current window, in one statement, so that parallel requests cannot pass the limit; false when it is reached.
    /// </summary>
    public async Task<bool> ReserveAsync(string key, int limit, TimeSpan window, DateTimeOffset now, CancellationToken cancel = default)
    {
        var (at, over) = (Stored(now), Stored(now - window));
        return await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "AddressCounts" ("Key", "WindowStart", "Count") VALUES ({key}, {at}, 1)
            ON CONFLICT ("Key") DO UPDATE SET
                "Count" = CASE WHEN "AddressCounts"."WindowStart" <= {over} THEN 1 ELSE "AddressCounts"."Count" + 1 END,
                "WindowStart" = CASE WHEN "AddressCounts"."WindowStart" <= {over} THEN {at} ELSE "AddressCounts"."WindowStart" END
            WHERE "AddressCounts"."WindowStart" <= {over} OR "AddressCounts"."Count" < {limit}
            """, cancel) == 1;
    }

    /// <summary>Returns true for the first refusal of a window only: the count then goes one above the limit, once.</summary>
    public async Task<bool> NoteRefusalAsync(string key, int limit, CancellationToken cancel = default) =>
        await context.Set<AddressCount>().Where(c => c.Key == key && c.Count == limit)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Count, c => c.Count + 1), cancel) == 1;

    /// <summary>Takes one back, because what was counted turned out to be no failure.</summary>
    public Task GiveBackAsync(string key, CancellationToken cancel = default) =>
        context.Set<AddressCount>().Where(c => c.Key == key && c.Count > 0)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Count, c => c.Count - 1), cancel);

    private object Stored(DateTimeOffset time) => context.Database.IsSqlite() ? time.UtcTicks : time;
}
