using System.Diagnostics;
using OpenCrm.Portal.Benchmarks.Circuits;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>The Blazor template without accounts: what the framework itself costs. Its counter is the page that is measured.</summary>
internal sealed class BareServer : MeasuredServer
{
    public const string CounterPath = "/counter";

    private readonly string _folder;

    private BareServer(string folder) : base("bare Blazor") => _folder = folder;

    /// <summary>Nobody signs in here: the counter opens at once.</summary>
    public override string SignInPath => CounterPath;

    public override IReadOnlyList<Person> People { get; } = [new("nobody", "")];

    protected override string ReadyPath => CounterPath;

    public static async Task<BareServer> LaunchAsync()
    {
        var server = new BareServer(await TemplateBuild.CopyAsync("Bare", "--interactivity", "Server", "--all-interactive"));
        await server.StartAsync();
        return server;
    }

    public override Task<Circuit> SignInAsync(Person person) => Circuit.OpenAsync(new(Address), CounterPath);

    protected override Task<ProcessStartInfo> StartInfoAsync() =>
        Task.FromResult(new ProcessStartInfo("dotnet", [Path.Combine(_folder, "Bare.dll")]) { WorkingDirectory = _folder });
}
