using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Finds, uses up and ends recovery codes (docs/spec.md 11.1). Whoever uses, replaces or ends some holds the user's row first, as everything that
/// changes a user's credentials does: so no two transactions wait for each other.
/// </summary>
public sealed class StoredRecoveryCodes(PortalDbContext context)
{
    /// <summary>Reads the person's set with its codes, used ones too, in one query; null if there is none.</summary>
    public async Task<(RecoveryCodeSet Set, IReadOnlyList<RecoveryCode> Codes)?> FindAsync(Guid userId, CancellationToken cancel = default)
    {
        var rows = await context.Set<RecoveryCodeSet>().Where(s => s.UserId == userId)
            .Join(context.Set<RecoveryCode>(), s => s.Id, c => c.SetId, (s, c) => new { Set = s, Code = c })
            .AsNoTracking().ToListAsync(cancel);
        return rows.Count == 0 ? null : (rows[0].Set, [.. rows.Select(row => row.Code)]);
    }

    /// <summary>Reads the person's set without its codes; null if there is none.</summary>
    public Task<RecoveryCodeSet?> FindSetAsync(Guid userId, CancellationToken cancel = default) =>
        context.Set<RecoveryCodeSet>().AsNoTracking().SingleOrDefaultAsync(s => s.UserId == userId, cancel);

    /// <summary>Counts the codes that can still be used.</summary>
    public Task<int> CountLeftAsync(Guid userId, CancellationToken cancel = default) =>
        context.Set<RecoveryCodeSet>().Where(s => s.UserId == userId)
            .Join(context.Set<RecoveryCode>().Where(c => c.UsedAt == null), s => s.Id, c => c.SetId, (_, c) => c)
            .CountAsync(cancel);

    /// <summary>Uses up a code: true once for each, also in a race, and never after its set was replaced or ended.</summary>
    public async Task<bool> ConsumeAsync(Guid userId, RecoveryCode code, DateTimeOffset now, CancellationToken cancel = default)
    {
        var set = context.Set<RecoveryCodeSet>().Where(s => s.Id == code.SetId && s.UserId == userId);
        return await context.Set<RecoveryCode>()
            .Where(c => c.SetId == code.SetId && c.Number == code.Number && c.UsedAt == null && set.Any())
            .ExecuteUpdateAsync(update => update.SetProperty(c => c.UsedAt, now), cancel) == 1;
    }

    /// <summary>Ends the person's codes and stores others in their place.</summary>
    public async Task ReplaceAsync(RecoveryCodeSet set, IReadOnlyList<RecoveryCode> codes, CancellationToken cancel = default)
    {
        await EndAsync(set.UserId, cancel);
        context.Add(set);
        context.AddRange(codes);
    }

    /// <summary>Ends the person's codes.</summary>
    public async Task EndAsync(Guid userId, CancellationToken cancel = default)
    {
        var sets = context.Set<RecoveryCodeSet>().Where(s => s.UserId == userId);
        await context.Set<RecoveryCode>().Where(c => sets.Any(s => s.Id == c.SetId)).ExecuteDeleteAsync(cancel);
        await sets.ExecuteDeleteAsync(cancel);
    }

    /// <summary>Notes that the person has saved the codes of this set, which must be the person's present one.</summary>
    public async Task<bool> NoteSavedAsync(Guid userId, Guid setId, DateTimeOffset now, CancellationToken cancel = default) =>
        await context.Set<RecoveryCodeSet>().Where(s => s.UserId == userId && s.Id == setId && s.SavedAt == null)
            .ExecuteUpdateAsync(update => update.SetProperty(s => s.SavedAt, now), cancel) == 1;
}
