using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>A real proxy with TLS, configured by the text of docs/proxies.md; only ports and file names are replaced.</summary>
public sealed partial class DocumentedProxy : IAsyncDisposable
{
    public const string PublicHost = "portal.example.com";

    private static readonly string[] ApacheModules =
        ["mpm_event", "authz_core", "proxy", "proxy_http", "proxy_wstunnel", "headers", "socache_shmcb", "ssl"];

    private readonly string _folder = Reaper.NewFolder("proxy");
    private readonly ProcessOutput _output = new();
    private Process? _process;

    private DocumentedProxy() { }

    /// <summary>A free port in place of 443.</summary>
    public int Port { get; } = FreePort.Next();

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"https://{PublicHost}:{Port}"));

    /// <summary>Reserves an address before the proxy runs, because the portal has to be configured with it.</summary>
    public static DocumentedProxy Reserve() => new();

    /// <param name="name">The heading in the document.</param>
    /// <param name="portal">Where the portal listens.</param>
    public async Task StartAsync(string name, Uri portal)
    {
        await WriteCertificateAsync();
        var documented = Documented(name)
            .Replace("/etc/ssl/portal.crt", Path.Combine(_folder, "portal.crt"), StringComparison.Ordinal)
            .Replace("/etc/ssl/portal.key", Path.Combine(_folder, "portal.key"), StringComparison.Ordinal)
            .Replace("/etc/haproxy/portal.pem", Path.Combine(_folder, "portal.pem"), StringComparison.Ordinal)
            .Replace("127.0.0.1:5000", Text($"127.0.0.1:{portal.Port}"), StringComparison.Ordinal)
            .Replace("443", Text($"{Port}"), StringComparison.Ordinal);
        var file = Path.Combine(_folder, "configuration");
        var (program, configuration, arguments) = Start(name, documented, file, portal.Port);
        await File.WriteAllTextAsync(file, configuration.ReplaceLineEndings("\n") + "\n");
        _process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = _folder, ["XDG_DATA_HOME"] = _folder, ["XDG_CONFIG_HOME"] = _folder },
        })!;
        Reaper.Kill(_process);
        _output.ReadFrom(_process);
        await Eventually.TrueAsync(ListensAsync, $"{name} listens");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await Signals.EndAsync(_process, "TERM");
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Wraps the documented part into what the distribution of each proxy puts around it.</summary>
    private (string Program, string Configuration, string[] Arguments) Start(
        string name, string documented, string file, int portalPort) => name switch
        {
            "nginx" => (Needs.Nginx(), $$"""
            daemon off;
            pid {{_folder}}/nginx.pid;
            error_log stderr;
            events { }
            http {
                access_log off;
                client_body_temp_path {{_folder}}/body; proxy_temp_path {{_folder}}/proxy;
                fastcgi_temp_path {{_folder}}/f; uwsgi_temp_path {{_folder}}/u; scgi_temp_path {{_folder}}/s;
            {{documented}}
            }
            """, ["-p", _folder, "-e", "stderr", "-c", file]),
            "HAProxy" => (Needs.HaProxy(), $"""
            defaults
                timeout connect 5s
                timeout client 50s
                timeout server 50s
            {SecondNode().Replace(documented, "").Replace("10.0.0.11:5000", Text($"127.0.0.1:{portalPort}"), StringComparison.Ordinal)}
            """, ["-db", "-f", file]),
            "Caddy" => (Needs.Caddy(), $$"""
            {
                admin off
                auto_https disable_redirects
                local_certs
                skip_install_trust
            }
            {{documented.Replace(PublicHost, Text($"{PublicHost}:{Port}"), StringComparison.Ordinal)}}
            """, ["run", "--adapter", "caddyfile", "--config", file]),
            "Apache" => (Needs.Apache(), $"""
            ServerRoot {_folder}
            ServerName {PublicHost}
            PidFile {_folder}/apache.pid
            ErrorLog /dev/stderr
            Listen {Port}
            {string.Concat(from module in ApacheModules select $"LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n")}
            {documented}
            """, ["-D", "FOREGROUND", "-f", file]),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

    private static string Documented(string name)
    {
        var document = File.ReadAllText(Path.Combine(PublishedPortal.RepositoryRoot, "docs", "proxies.md"));
        var block = Regex.Match(document, $@"^## {name}\n+```\w+\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.True(block.Success, $"docs/proxies.md has a configuration under {name}");
        return block.Groups[1].Value;
    }

    private async Task WriteCertificateAsync()
    {
        var (crt, pem) = LoopbackNetwork.SelfSigned(PublicHost);
        await File.WriteAllTextAsync(Path.Combine(_folder, "portal.crt"), crt);
        await File.WriteAllTextAsync(Path.Combine(_folder, "portal.key"), pem);
        await File.WriteAllTextAsync(Path.Combine(_folder, "portal.pem"), crt + pem);
    }

    private async Task<bool> ListensAsync()
    {
        if (_process!.HasExited) throw new InvalidOperationException($"The proxy ended with exit status {_process.ExitCode}:\n{_output}");
        return await LoopbackNetwork.ListensAsync(Port);
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    [GeneratedRegex(@"^\s*server node2 .*\n", RegexOptions.Multiline)]
    private static partial Regex SecondNode();
}
