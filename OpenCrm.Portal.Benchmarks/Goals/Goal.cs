using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>What the verbs share: the servers of one run, and how they take turns.</summary>
internal sealed class Goal(VerbOptions options) : IAsyncDisposable
{
    /// <summary>The commit with which later ones are compared: the portal of 27 November 2026.</summary>
    public const string EarlierCommit = "05ac81f";

    /// <summary>Enough for a list of several pages and a code for everybody who signs in.</summary>
    private const int TinyUsers = 400;

    private readonly List<IAsyncDisposable> _servers = [];
    private readonly Dictionary<bool, PortalServer> _shared = [];
    private PostgresCluster? _cluster;

    public VerbOptions Options => options;

    /// <summary>Where the running verb's figures go.</summary>
    public required Report Report { get; set; }

    /// <summary>The portal of this repository, on SQLite or, with <c>--postgres</c>, on PostgreSQL.</summary>
    /// <remarks>A tiny run starts one for each database, and all its verbs share them.</remarks>
    public async Task<PortalServer> PortalAsync(int users, bool? postgres = null, Func<PortalSettings, PortalSettings>? with = null)
    {
        var onPostgres = postgres ?? options.Has("postgres");
        if (options.Tiny && with is null && _shared.TryGetValue(onPostgres, out var shared)) return shared;
        var portal = await AddAsync(PortalServer.StartAsync(
            "portal", await PublishedPortal.FolderAsync(), options.Tiny ? TinyUsers : users, await DatabaseAsync(onPostgres), with));
        _shared[onPostgres] = portal;
        return portal;
    }

    /// <summary>The portal of <see cref="EarlierCommit"/>; null in a tiny run, or with <c>--no-earlier</c>.</summary>
    public async Task<PortalServer?> EarlierAsync(int users, bool? postgres = null, Func<PortalSettings, PortalSettings>? with = null) =>
        options.Tiny || options.Has("no-earlier")
            ? null
            : await AddAsync(PortalServer.StartAsync(
                EarlierCommit, options.Text("earlier") ?? await TemplateBuild.EarlierAsync(EarlierCommit), users,
                await DatabaseAsync(postgres ?? options.Has("postgres")), with));

    /// <summary>The official template; null in a tiny run.</summary>
    public async Task<TemplateServer?> TemplateAsync(bool withCodes, int? iterations = null) =>
        options.Tiny ? null : await AddAsync(TemplateServer.StartAsync(2000, withCodes, iterations));

    /// <summary>Blazor alone; null in a tiny run.</summary>
    public async Task<BareServer?> BareAsync() => options.Tiny ? null : await AddAsync(BareServer.LaunchAsync());

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    public async Task<T> AddAsync<T>(Task<T> starting) where T : IAsyncDisposable
    {
        var server = await starting;
        _servers.Add(server);
        return server;
    }

    /// <summary>An empty database on a PostgreSQL of this run.</summary>
    public Task<string> NewDatabaseAsync() => (_cluster ??= new()).CreateDatabaseAsync();

    private async Task<string?> DatabaseAsync(bool postgres) => postgres ? await NewDatabaseAsync() : null;
}
