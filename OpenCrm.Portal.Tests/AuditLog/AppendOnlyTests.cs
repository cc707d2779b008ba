using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.AuditLog;

/// <summary>Nobody can change or delete an audit event, not even by a statement that the portal itself would send (docs/spec.md 9.1).</summary>
public sealed class AppendOnlyTests(PostgresCluster cluster)
{
    public static TheoryData<DatabaseKind, string> Statements
    {
        get
        {
            TheoryData<DatabaseKind, string> statements = [];
            foreach (var database in Enum.GetValues<DatabaseKind>())
            {
                statements.Add(database, """UPDATE "AuditTrail" SET "ActorName" = 'Somebody else'""");
                statements.Add(database, """DELETE FROM "AuditTrail" WHERE "Id" = (SELECT min("Id") FROM "AuditTrail")""");
            }
            statements.Add(DatabaseKind.Postgres, """TRUNCATE "AuditTrail" """);
            statements.Add(
                DatabaseKind.Postgres,
                """INSERT INTO "AuditTrail" SELECT * FROM "AuditTrail" ON CONFLICT ("Id") DO UPDATE SET "Details" = ''""");
            statements.Add(DatabaseKind.Sqlite, """INSERT OR REPLACE INTO "AuditTrail" SELECT * FROM "AuditTrail" """);
            return statements;
        }
    }

    // Red without the migration: each of these statements goes through.
    [Theory]
    [MemberData(nameof(Statements))]
    public async Task The_database_refuses_to_change_or_delete_an_event(DatabaseKind database, string statement)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        var before = await EventsAsync(portal);
        Assert.NotEmpty(before);

        await using (var scope = portal.NewCircuit())
        {
            var context = scope.ServiceProvider.GetRequiredService<PortalDbContext>();
            var refused = await Assert.ThrowsAnyAsync<DbException>(() => context.Database.ExecuteSqlRawAsync(statement));
            Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await EventsAsync(portal));
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        work.Record(new AuditEvent.WrongSetupCode(), new Caller.Nobody());
        await work.CommitAsync();
    }

    private static async Task<List<string>> EventsAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<AuditEntry>().OrderBy(e => e.Id).Select(e => e.Id + e.Kind + e.ActorName + e.Details).ToListAsync();
    }
}
