using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace OpenCrm.Portal.Data;

/// <summary>Brings the schema up to date at start. Call it under <see cref="PortalDatabase.StartLockAsync"/>.</summary>
internal static class DatabaseMigrator
{
    public static async Task MigrateAsync(PortalDbContext context)
    {
        // EF's own lock row survives a kill, and the next start would wait on it for ever. Ours is held now, so theirs is abandoned.
        if (context.Database.IsSqlite() && await context.GetService<IHistoryRepository>().ExistsAsync())
            await context.Database.ExecuteSqlRawAsync("""DROP TABLE IF EXISTS "__EFMigrationsLock" """);
        // An index over a million rows takes minutes; the bound of eight seconds is for pages. SQLite's is only how long it waits for another writer.
        context.Database.SetCommandTimeout(context.Database.IsSqlite() ? TimeSpan.FromMinutes(5) : TimeSpan.Zero);
        await context.Database.MigrateAsync();
    }
}
