using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users.Import;

namespace OpenCrm.Portal.Tests.Users.Import;

/// <summary>Portals with imports, and files for them.</summary>
internal static class UserImportFixture
{
    public const string Headings = "Username,Name,Email\n";

    /// <summary>A file of new people, <c>person1</c> and so on.</summary>
    public static string People(int count) => Headings + string.Concat(Enumerable.Range(1, count).Select(number =>
        string.Create(CultureInfo.InvariantCulture, $"person{number},Person {number},person{number}@example.test\n")));

    public static async Task<PortalHost> StartAsync(
        PostgresCluster cluster, DatabaseKind database, bool works = true, bool listens = false) =>
        await PortalHost.StartAsync(await cluster.NewAsync(database), listens, works ? null : WithoutWorker);

    /// <summary>Leaves the importing to the test, so that it can stand still in the middle.</summary>
    public static void WithoutWorker(IServiceCollection services)
    {
        foreach (var worker in services.Where(service => service.ImplementationType == typeof(ImportWorker)).ToList()) services.Remove(worker);
        services.RemoveAll<ImportWorker>();
    }

    public static ImportWorker Worker(PortalHost portal) => ActivatorUtilities.CreateInstance<ImportWorker>(portal.Services);

    public static UserImports Imports(Seat seat) => seat.Service<UserImports>();

    public static async Task<ReadOutcome> CheckAsync(Seat seat, string text)
    {
        using var upload = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Imports(seat).CheckAsync(upload, "people.csv");
    }

    /// <summary>Reads the file and returns its dry run.</summary>
    public static async Task<ImportPart> CheckedAsync(Seat seat, string text)
    {
        Assert.IsType<ReadOutcome.Checked>(await CheckAsync(seat, text));
        return await Imports(seat).ReadAsync(new());
    }

    public static async Task<UserImport> StartedAsync(Seat seat, string text)
    {
        var import = (await CheckedAsync(seat, text)).Import!;
        Assert.IsType<StartOutcome.Started>(await Imports(seat).StartAsync(import.Id));
        return import;
    }

    public static Task<UserImport> EndedAsync(PortalHost portal, ImportState state = ImportState.Done, TimeSpan? patience = null) =>
        Eventually.FoundAsync(
            async () =>
            {
                await using var work = await portal.BeginAsync();
                return await work.Query<UserImport>().FirstOrDefaultAsync(i => i.State == state);
            },
            $"an import that is {state}", patience);
}
