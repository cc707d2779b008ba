using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>Rows that are written in bulk are the same as those that the change tracker would write.</summary>
public sealed class BulkRowsTests(PostgresCluster cluster)
{
    public static TheoryData<DatabaseKind> Databases => DatabaseKinds.Both;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Every_column_comes_back_as_it_was_given(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        var units = portal.Services.GetRequiredService<UnitsOfWork>();
        PortalUser enrolled, plain;
        await using (var work = await units.BeginAsync())
        {
            enrolled = NewUsers.Make(work.Now, "enrolled", "Enrolled", "enrolled@example.test", "hash", systemAdministrator: true);
            (enrolled.State, enrolled.LastSignInAt, enrolled.LockoutEnd, enrolled.TwoFactorEnabled) =
                (AccountState.Locked, work.Now.AddDays(-1), DateTimeOffset.MaxValue, true);
            enrolled.EnrolmentId = Guid.NewGuid();
            plain = NewUsers.Make(work.Now, "plain", "Plain", "plain@example.test", null, systemAdministrator: false);
            await work.WriteAsync<PortalUser>([enrolled, plain]);
            await work.WriteAsync<AuditEntry>([AuditTrail.Entry(new AuditEvent.SignedOut(plain.Id), new Caller.Console(), work.Now)]);
            await work.CommitAsync();
        }

        await using var reading = await units.ReadAsync();
        foreach (var given in new[] { enrolled, plain })
        {
            var found = (await reading.Users.FindAsync(given.Id))!;
            // PostgreSQL counts in microseconds, .NET in finer ticks, so the highest time comes back a little lower.
            if (found.LockoutEnd is not null) found.LockoutEnd = given.LockoutEnd;
            // The only difference is the column that the database computes.
            var computed = $"{given.NormalizedUserName}\n{given.NormalizedName}\n{given.NormalizedEmail}";
            Assert.Equal(computed, found.SearchText);
            Assert.Equal(
                JsonSerializer.Serialize(given)
                    .Replace("\"SearchText\":\"\"", $"\"SearchText\":{JsonSerializer.Serialize(computed)}", StringComparison.Ordinal),
                JsonSerializer.Serialize(found));
        }
        var happened = await reading.Query<AuditEntry>().SingleAsync(e => e.SubjectId == plain.Id);
        Assert.Equal((nameof(AuditEvent.SignedOut), "Console", reading.Now, true), (happened.Kind, happened.ActorName, happened.At, happened.Id > 0));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Without_a_commit_nothing_was_written(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        var units = portal.Services.GetRequiredService<UnitsOfWork>();
        await using (var work = await units.BeginAsync())
            await work.WriteAsync<PortalUser>([NewUsers.Make(work.Now, "nobody", "Nobody", "nobody@example.test", null, systemAdministrator: false)]);

        await using var reading = await units.ReadAsync();
        Assert.False(await reading.Query<PortalUser>().AnyAsync(u => u.NormalizedUserName == "NOBODY"));
    }
}
