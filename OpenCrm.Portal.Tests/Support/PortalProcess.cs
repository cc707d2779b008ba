using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>A published portal as a real process on a loopback port of its own.</summary>
public sealed partial class PortalProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly int _port = FreePort.Next();
    private readonly bool _ownsDataFolder;
    private readonly HttpClient _prober = new(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private Process? _process;

    public PortalProcess(PortalSettings? settings = null)
    {
        Settings = settings ?? new PortalSettings();
        _ownsDataFolder = Settings.DataFolder is null;
        DataFolder = Settings.DataFolder ?? Reaper.NewFolder("data");
        Proxy = Settings.BehindCuttableProxy ? new CuttableProxy(_port) : null;
        DirectAddress = Loopback(_port);
        BaseAddress = Proxy?.Address ?? DirectAddress;
    }

    public PortalSettings Settings { get; }

    public string DataFolder { get; }

    /// <summary>The folder for the outbox's <c>.eml</c> files while no SMTP server is configured.</summary>
    public string PickupFolder => Settings.Others.GetValueOrDefault("Mail:PickupFolder") ?? Path.Combine(DataFolder, "mail");

    public string KeyRingCertificate => Settings.Others.GetValueOrDefault("KeyRing:CertificatePath") ?? Path.Combine(DataFolder, "key-ring.pfx");

    public CuttableProxy? Proxy { get; }

    /// <summary>The address for a browser: the proxy's if there is one, else the portal's.</summary>
    public Uri BaseAddress { get; }

    public Uri DirectAddress { get; }

    public ProcessOutput Output { get; } = new();

    public bool IsRunning => _process is { HasExited: false };

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The portal is not running");

    /// <summary>Starts a portal on a copy of a ready-made database, unless the settings say <see cref="PortalSettings.FromNothing"/>.</summary>
    public static async Task<PortalProcess> StartAsync(PortalSettings? settings = null)
    {
        var portal = new PortalProcess(settings);
        try
        {
            var ready = Task.CompletedTask;
            portal.OnFirstStart(ref ready);
            await ready;
            await portal.StartAgainAsync();
            return portal;
        }
        catch
        {
            await portal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the process, also after <see cref="KillAsync"/> or <see cref="StopAsync"/>, with the same address and the same data.</summary>
    public async Task StartAgainAsync()
    {
        using var times = StartTimes.Of("published portal");
        await StartUnwatchedAsync();
        times.Started = _process;
        await Eventually.TrueAsync(IsReadyAsync, "the portal is ready", StartPatience);
    }

    /// <summary>Starts the process without waiting for it, for starts that are expected to fail.</summary>
    public async Task StartUnwatchedAsync()
    {
        if (IsRunning)
            throw new InvalidOperationException("The portal is already running");
        _process?.Dispose();
        _process = Process.Start(await PublishedPortal.StartInfoAsync(Configuration(), []))!;
        Reaper.Kill(_process);
        Output.ReadFrom(_process);
    }

    /// <summary>Waits for a portal that ends by itself, and returns its exit status.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? patience = null)
    {
        await _process!.WaitForExitAsync().WaitAsync(patience ?? StartPatience);
        Reaper.Spare(_process.Id);
        return _process.ExitCode;
    }

    /// <summary>Waits for the newest set-up code on the console; each start prints a new one.</summary>
    public Task<string> SetupCodeAsync(Regex? line = null) => Output.WaitForAsync(line ?? SetupCodeLine());

    /// <summary>Kills the process as the out-of-memory killer would: none of the portal's code runs any more.</summary>
    public Task KillAsync() => EndAsync("KILL");

    /// <summary>Stops the process as a service manager would: the portal finishes what it is doing.</summary>
    public Task StopAsync() => EndAsync("TERM");

    /// <summary>Runs a rescue command on the same database, whether the portal is running or not.</summary>
    public async Task<ToolResult> RunCommandAsync(IEnumerable<string> arguments, string? input = null, TimeSpan? patience = null) =>
        await CommandLineTool.RunAsync(await PublishedPortal.StartInfoAsync(Configuration(), arguments), input, patience);

    /// <summary>
    /// Returns the settings of a second node beside this one: the same database, key ring, public address and pickup folder, but another port and
    /// data folder.
    /// </summary>
    public PortalSettings AnotherNode() =>
        (Settings with { DataFolder = null, Administrator = null, PublicUrl = Settings.PublicUrl ?? BaseAddress.ToString().TrimEnd('/') })
            .With("KeyRing:CertificatePath", KeyRingCertificate)
            .With("Mail:PickupFolder", PickupFolder);

    public HttpClient CreateClient(bool followRedirects = false) =>
        new(new HttpClientHandler { AllowAutoRedirect = followRedirects, CookieContainer = new CookieContainer() }) { BaseAddress = DirectAddress };

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        OnEnded();
        _process?.Dispose();
        if (Proxy is not null)
            await Proxy.DisposeAsync();
        _prober.Dispose();
        if (_ownsDataFolder && Directory.Exists(DataFolder))
            Directory.Delete(DataFolder, recursive: true);
    }

    /// <summary>Implemented where the portal's output is checked; the benchmarks do not check it.</summary>
    partial void OnEnded();

    /// <summary>Implemented where a ready-made database is used; the benchmarks measure how one is created.</summary>
    partial void OnFirstStart(ref Task ready);

    private async Task<bool> IsReadyAsync()
    {
        if (!IsRunning)
            throw new InvalidOperationException($"The portal ended with exit status {_process?.ExitCode}:\n{Output}");
        try
        {
            using var answer = await _prober.GetAsync(new Uri(DirectAddress, PortalUrls.Ready));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private async Task EndAsync(string signal)
    {
        if (_process is null)
            return;
        await Signals.SendAsync(_process, signal);
        await WaitForExitAsync();
    }

    /// <summary>Runs the portal at a terminal, which <c>script</c> makes, and returns what it showed there.</summary>
    public async Task<string> RunAtTerminalAsync(TimeSpan forHowLong)
    {
        var start = await PublishedPortal.StartInfoAsync(Configuration(), []);
        var portal = string.Join(' ', start.ArgumentList.Select(argument => $"'{argument}'"));
        start.FileName = "script";
        start.ArgumentList.Clear();
        start.ArgumentList.Add("-qc");
        // In the foreground: a group in the background is stopped as soon as it touches the terminal, and would never end.
        start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"timeout --foreground {forHowLong.TotalSeconds} dotnet {portal}"));
        start.ArgumentList.Add("/dev/null");
        return (await CommandLineTool.RunAsync(start, patience: forHowLong + TimeSpan.FromSeconds(30))).Output;
    }

    private Dictionary<string, string> Configuration()
    {
        var keys = Settings.ToConfiguration(DataFolder, Settings.PublicUrl ?? BaseAddress.ToString().TrimEnd('/'));
        keys.TryAdd("ASPNETCORE_URLS", DirectAddress.ToString().TrimEnd('/'));
        return keys;
    }

    private static Uri Loopback(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));

    [GeneratedRegex(@"[Ss]et-?up code:\s*([A-Z0-9]+(?:-[A-Z0-9]+)*)")]
    private static partial Regex SetupCodeLine();
}
