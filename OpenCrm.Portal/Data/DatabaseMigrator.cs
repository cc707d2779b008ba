using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace OpenCrm.Portal.Data;

/// <summary>Brings the schema up to date at start. The caller must hold <see cref="PortalDatabase.StartLockAsync"/>.</summary>
internal static class DatabaseMigrator
{
    /// <param name="context">The database.</param>
    /// <param name="place">The database as <see cref="PortalDatabase.Place"/> names it.</param>
    /// <exception cref="StartRefusedException">The schema was made by an earlier version and has been changed since.</exception>
    public static async Task MigrateAsync(PortalDbContext context, string place)
    {
        // EF's own lock row survives a killed process, and the next start would wait for it for ever. The start lock is held here, so a row that
        // exists is left over.
        if (context.Database.IsSqlite() && await context.GetService<IHistoryRepository>().ExistsAsync())
            await context.Database.ExecuteSqlRawAsync("""DROP TABLE IF EXISTS "__EFMigrationsLock" """);
        // An index over a million rows takes minutes; the limit of eight seconds is meant for pages. On SQLite the limit is only how long to wait for
        // another writer.
        context.Database.SetCommandTimeout(context.Database.IsSqlite() ? TimeSpan.FromMinutes(5) : TimeSpan.Zero);
        await EarlierSchema.CarryOverAsync(context, place);
        await context.Database.MigrateAsync();
    }
}
