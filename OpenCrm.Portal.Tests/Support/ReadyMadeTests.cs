using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Tests.Support;

public sealed class ReadyMadeTests(PostgresCluster postgres)
{
    [Theory]
    [MemberData(nameof(DatabaseKinds.Both), MemberType = typeof(DatabaseKinds))]
    public async Task A_copy_holds_what_a_start_makes_and_is_nobody_else_s(DatabaseKind kind)
    {
        // The first databases of a cluster are not copied.
        if (kind == DatabaseKind.Postgres) for (var n = 0; n < 3; n++) await postgres.NewAsync(kind);
        await using var one = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        await using var other = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        await using var made = await PortalHost.StartAsync(await postgres.NewAsync(kind) with { FromNothing = true });

        Assert.Equal(await MigrationsAsync(made), await MigrationsAsync(one));
        Assert.Equal(await AdministratorAsync(one), await AdministratorAsync(other));
        Assert.NotEqual(await AdministratorAsync(one), await AdministratorAsync(made));
        // The copied key ring can be opened, and what one portal writes is not in the other.
        await one.AddPersonAsync("ada", enrolled: true);
        Assert.Equal((2, 1), (await one.CountAsync<PortalUser>(), await other.CountAsync<PortalUser>()));
    }

    private static async Task<List<string>> MigrationsAsync(PortalHost host)
    {
        await using var circuit = host.NewCircuit();
        return [.. await circuit.ServiceProvider.GetRequiredService<PortalDbContext>().Database.GetAppliedMigrationsAsync()];
    }

    private static async Task<Guid> AdministratorAsync(PortalHost host)
    {
        await using var work = await host.BeginAsync();
        return (await work.Query<PortalUser>().SingleAsync()).Id;
    }
}
