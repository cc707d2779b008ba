using System.Diagnostics;
using System.Globalization;
using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Benchmarks.Probe;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>
/// A server under measurement: a .NET application in a process of its own, with a <see cref="ServerProbe"/> inside, and people who can sign in.
/// </summary>
internal abstract class MeasuredServer(string name) : IAsyncDisposable
{
    private readonly string _socket = Path.Combine(Reaper.NewFolder("probe"), "socket");
    private Process? _process;
    private ProbeClient? _probe;

    /// <summary>What the figures call it.</summary>
    public string Name { get; } = name;

    public Uri Address { get; } = new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{FreePort.Next()}"));

    public int ProcessId => _process!.Id;

    /// <summary>What it has printed.</summary>
    public ProcessOutput Output { get; } = new();

    /// <summary>The page on which people sign in.</summary>
    public abstract string SignInPath { get; }

    /// <summary>The people who can sign in, one password each or for all.</summary>
    public abstract IReadOnlyList<Person> People { get; }

    /// <summary>The path that answers 200 once the server is up.</summary>
    protected abstract string ReadyPath { get; }

    /// <summary>Starts the process and waits until it serves.</summary>
    /// <param name="watched">With the probe inside; without it where only the start is measured.</param>
    public async Task StartAsync(bool watched = true)
    {
        await StartUnreadyAsync(watched);
        await Eventually.TrueAsync(IsReadyAsync, $"{Name} is ready", TimeSpan.FromMinutes(2));
        if (watched) _probe = await ProbeClient.ConnectAsync(_socket);
    }

    /// <summary>Starts the process only.</summary>
    public async Task StartUnreadyAsync(bool watched)
    {
        var start = await StartInfoAsync();
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = Address.GetLeftPart(UriPartial.Authority);
        if (watched)
        {
            File.Delete(_socket);
            start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(MeasuredServer).Assembly.Location;
            start.Environment[ServerProbe.Variable] = _socket;
        }
        _process = Process.Start(start)!;
        Reaper.Kill(_process);
        Output.Clear();
        Output.ReadFrom(_process);
    }

    /// <summary>Whether the page on which people sign in is served.</summary>
    public Task<bool> ServesSignInAsync() => ServesAsync(SignInPath);

    private Task<bool> IsReadyAsync() => ServesAsync(ReadyPath);

    private async Task<bool> ServesAsync(string path)
    {
        if (_process!.HasExited) throw new InvalidOperationException($"{Name} ended with exit status {_process.ExitCode}");
        try
        {
            return (int)(await new Visitor(Address).GetAsync(path)).Status == 200;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public Task<Reading> ReadAsync(bool collect = false) => _probe!.ReadAsync(collect);

    /// <summary>Waits until the server rests, so that what it still does for one visitor is not counted for the next.</summary>
    public async Task<Reading> RestAsync()
    {
        var last = await ReadAsync();
        for (var looks = 0; looks < 50; looks++)
        {
            await Task.Delay(100);
            var next = await ReadAsync();
            if (next.Processor - last.Processor < 2) return next;
            last = next;
        }
        return last;
    }

    /// <summary>The most memory that the process ever held, in MiB.</summary>
    public double PeakMiB() => ProcessFigures.PeakMiB(ProcessId);

    /// <summary>
    /// Signs one person in as a new browser does, without a browser: page, circuit, password, code if the person has one, first page.
    /// </summary>
    /// <returns>The open page.</returns>
    public abstract Task<Circuit> SignInAsync(Person person);

    public async Task StopAsync()
    {
        _probe?.Dispose();
        _probe = null;
        if (_process is not null) await Signals.EndAsync(_process, "TERM");
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<ProcessStartInfo> StartInfoAsync();
}
