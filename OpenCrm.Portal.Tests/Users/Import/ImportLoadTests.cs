using System.Diagnostics;
using System.Globalization;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users.Import;
using static OpenCrm.Portal.Tests.Users.Import.UserImportFixture;

namespace OpenCrm.Portal.Tests.Users.Import;

/// <summary>How long a company takes on PostgreSQL: 20,000 rows are to be in within a minute. <c>PORTAL_IMPORT_ROWS</c> says how many rows.</summary>
[Collection(Alone.Name)]
public sealed class ImportLoadTests(PostgresCluster cluster)
{
    private static readonly int Rows =
        int.Parse(Environment.GetEnvironmentVariable("PORTAL_IMPORT_ROWS") ?? "500", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_company_is_imported_within_a_minute()
    {
        await using var portal = await StartAsync(cluster, DatabaseKind.Postgres);
        await using var ann = await Seat.TakeAsync(portal, await portal.AddPersonAsync("ann", administrator: true));
        var people = People(Rows);

        var clock = Stopwatch.StartNew();
        var import = (await CheckedAsync(ann, people)).Import!;
        var read = clock.Elapsed;
        Assert.IsType<StartOutcome.Started>(await Imports(ann).StartAsync(import.Id));
        var done = await EndedAsync(portal, patience: TimeSpan.FromMinutes(5));
        var imported = clock.Elapsed - read;

        Assert.Equal((Rows, 0), (done.PeopleCreated, done.NotImported));
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{Rows} rows: read in {read.TotalSeconds:N1} s, imported in {imported.TotalSeconds:N1} s"));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }
}
