using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Reads and saves settings. They are read for each action, so that a change counts at once, on every node.</summary>
public static class SettingsReading
{
    /// <summary>Returns the stored block, untracked.</summary>
    public static Task<T> ReadSettingsAsync<T>(this UnitOfWork work, CancellationToken cancel = default) where T : class, ISettingsBlock =>
        work.Query<T>().SingleAsync(cancel);

    /// <summary>Returns the block as it is stored at this moment, in a unit of work of its own.</summary>
    public static async Task<T> ReadSettingsAsync<T>(this UnitsOfWork units, CancellationToken cancel = default) where T : class, ISettingsBlock
    {
        await using var work = await units.ReadAsync(cancel);
        return await work.ReadSettingsAsync<T>(cancel);
    }

    /// <summary>
    /// Saves a block that was read at <see cref="ISettingsBlock.Version"/>. If somebody else saved since, <see cref="UnitOfWork.TryCommitAsync"/>
    /// returns <see cref="CommitOutcome.SavedMeanwhile"/>.
    /// </summary>
    public static void SaveSettings<T>(this UnitOfWork work, T edited, string savedBy) where T : class, ISettingsBlock =>
        work.Update(edited, original: edited.Version, block =>
        {
            block.Version = edited.Version + 1;
            block.SavedAt = work.Now;
            block.SavedBy = savedBy;
        });
}
