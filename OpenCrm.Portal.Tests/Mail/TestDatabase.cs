using System.Globalization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>
/// A real database in a folder of its own, with the services of Data and Mail and a clock that stands still until the test turns it. SQLite, or
/// PostgreSQL where a connection string is given.
/// </summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private TestDatabase(string folder, ServiceProvider services, FakeTimeProvider time) => (Folder, _services, Time) = (folder, services, time);

    public string Folder { get; }

    public FakeTimeProvider Time { get; }

    public UnitsOfWork Units => Service<UnitsOfWork>();

    public static async Task<TestDatabase> CreateAsync(
        string? postgres = null, Action<IServiceCollection>? with = null, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("portal-").FullName;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new[] { ("Portal:DataFolder", folder), ("Portal:PublicUrl", "https://portal.northwind.test/") }.Concat(settings)
                .GroupBy(s => s.Item1, s => s.Item2).ToDictionary(s => s.Key, s => (string?)s.Last()))
            .Build();
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-10-12T08:41:00Z", CultureInfo.InvariantCulture));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton(new DataFolder(configuration, folder));
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<UnitsOfWork>();
        services.AddSingleton<Encryption>();
        // A server that listens nowhere.
        services.AddSingleton<IServer, TestServer>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<WorkerRounds>();
        services.Configure<IdentityOptions>(PortalDbContext.UseSchema);
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        if (postgres is not null)
        {
            services.AddDbContextPool<PortalDbContext, PostgresPortalDbContext>(options => options.UseNpgsql(postgres));
        }
        else
        {
            services.AddDbContextPool<PortalDbContext, SqlitePortalDbContext>(
                options => options.UseSqlite($"Data Source={Path.Combine(folder, "portal.db")}"));
        }
        services.AddMail(configuration);
        with?.Invoke(services);
        var database = new TestDatabase(folder, services.BuildServiceProvider(), time);
        await using var scope = database._services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PortalDbContext>().Database.EnsureCreatedAsync();
        return database;
    }

    public T Service<T>() where T : class => _services.GetRequiredService<T>();

    /// <summary>Creates a second instance of a service, as on another node.</summary>
    public T Another<T>() where T : class => ActivatorUtilities.CreateInstance<T>(_services);

    public async Task<PortalUser> AddUserAsync(
        string username, bool administrator = false, AccountState state = AccountState.Active, string? name = null)
    {
        var email = $"{username}@northwind.test";
        var user = new PortalUser
        {
            Id = Guid.CreateVersion7(Time.GetUtcNow()),
            UserName = username,
            NormalizedUserName = AccountName.Normalize(username),
            Email = email,
            NormalizedEmail = AccountName.Normalize(email),
            Name = name ?? username,
            IsSystemAdministrator = administrator,
            State = state,
            SecurityStamp = "stamp",
        };
        await WriteAsync(work => work.Add(user));
        return user;
    }

    public async Task WriteAsync(Action<UnitOfWork> write)
    {
        await using var work = await Units.BeginAsync();
        write(work);
        await work.CommitAsync();
    }

    public async Task<List<T>> ReadAsync<T>() where T : class
    {
        await using var work = await Units.ReadAsync();
        return await work.Query<T>().ToListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await using (var scope = _services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<PortalDbContext>().Database.EnsureDeletedAsync();
        await _services.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
