using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// The portal inside the test process: a real database, a clock that the test turns, and access to every service. Its hashes are cheap, because two
/// cores would do little else; <see cref="Data.HashCostTests"/> checks the real cost.
/// </summary>
public sealed class PortalHost : IAsyncDisposable
{
    /// <summary>Tests count attempts and do not measure them. And requests do not race while two cores are busy with hashes.</summary>
    private static readonly Argon2Cost CheapHash = new(MemoryKiB: 8, Passes: 1);

    private readonly Factory _factory;
    private readonly PortalSettings _settings;

    private PortalHost(PortalSettings settings, bool listens, Action<IServiceCollection>? replace)
    {
        _settings = settings;
        DataFolder = settings.DataFolder ?? Reaper.NewFolder("data");
        Clock = new FakeTimeProvider(StartOfMinute(TimeProvider.System.GetUtcNow()));
        _factory = new Factory(settings.ToConfiguration(DataFolder, settings.PublicUrl ?? "http://localhost"), Clock, replace);
        if (listens)
            _factory.UseKestrel(0);
    }

    public FakeTimeProvider Clock { get; }

    public DateTimeOffset Now => Clock.GetUtcNow();

    public string DataFolder { get; }

    public string PickupFolder => _settings.Others.GetValueOrDefault("Mail:PickupFolder") ?? Path.Combine(DataFolder, "mail");

    /// <summary>The root provider of the application. Scoped services come from <see cref="NewCircuit"/>.</summary>
    public IServiceProvider Services => _factory.Services;

    /// <param name="settings">The settings; null means SQLite in a new folder.</param>
    /// <param name="listens">Whether the host also listens at a real port, for a browser or a WebSocket.</param>
    /// <param name="replace">Registrations that replace the portal's own, such as a test transport.</param>
    public static async Task<PortalHost> StartAsync(
        PortalSettings? settings = null, bool listens = false, Action<IServiceCollection>? replace = null)
    {
        var host = new PortalHost(settings ?? new PortalSettings(), listens, replace);
        try
        {
            using var times = StartTimes.Of(host._settings.PostgresConnection is null ? "host on SQLite" : "host on PostgreSQL");
            await ReadyMade.ForHosts.FillAsync(host._settings, host.DataFolder);
            // Not on the caller's thread: building the host migrates the database and blocks until that is done.
            await Task.Run(host._factory.StartServer);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates the services of one circuit; scoped services live as long as the scope.</summary>
    public AsyncServiceScope NewCircuit() => Services.CreateAsyncScope();

    public HttpClient CreateClient(bool followRedirects = false) =>
        _factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = followRedirects });

    /// <summary>The address of the host; known once it has started.</summary>
    public Uri BaseAddress => _factory.ClientOptions.BaseAddress;

    public void Advance(TimeSpan time) => Clock.LeapTo(Now + time);

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        if (_settings.DataFolder is null && Directory.Exists(DataFolder))
            Directory.Delete(DataFolder, recursive: true);
    }

    // The start of a time step, so that a test knows how far away the next one is. Close to the real time, because key ring and certificates use the
    // real clock.
    private static DateTimeOffset StartOfMinute(DateTimeOffset now) => new(now.Ticks - now.Ticks % TimeSpan.TicksPerMinute, TimeSpan.Zero);

    private static void Write(ITestOutputHelper output, string line)
    {
        try
        {
            output.WriteLine(line);
        }
        catch (InvalidOperationException)
        {
            // The host has outlived its test.
        }
    }

    private sealed class Factory(Dictionary<string, string> configuration, TimeProvider clock, Action<IServiceCollection>? replace)
        : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            // Static assets come from the source folders only in Development.
            builder.UseEnvironment("Development");
            foreach (var (key, value) in configuration)
                builder.UseSetting(key, value);
            builder.ConfigureTestServices(services =>
            {
                services.RemoveAll<TimeProvider>();
                services.AddSingleton(clock);
                // The shutdown does not wait for browsers that still hold a circuit open.
                services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
                services.AddSingleton(CheapHash);
                replace?.Invoke(services);
            });
            var test = ServerFaults.CurrentTest;
            builder.ConfigureLogging(logging => logging.AddProvider(new ServerFaultWatch(test)));
            // Written to the test's output as well: why a page stopped working is only in the log.
            if (TestContext.Current.TestOutputHelper is { } output)
                builder.ConfigureLogging(logging => logging.AddFakeLogging(options =>
                {
                    options.FilteredLevels = new HashSet<LogLevel> { LogLevel.Error, LogLevel.Critical };
                    options.OutputSink = line => Write(output, line);
                }));
        }
    }
}
