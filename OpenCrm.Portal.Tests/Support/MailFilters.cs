using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>What two mail filters find wrong with a message: each rule that matches, with its score. Neither of them uses the network.</summary>
public static partial class MailFilters
{
    public static async Task<IReadOnlyDictionary<string, double>> SpamAssassinAsync(string message)
    {
        var judged = await CommandLineTool.RunAsync(
            Needs.SpamAssassin(),
            ["-t", "--local", "-C", "/usr/share/spamassassin"],
            message,
            TimeSpan.FromMinutes(3));
        return Scores(SpamAssassinRule().Matches(judged.OutputOrThrow("spamassassin")));
    }

    [GeneratedRegex(@"^ *(?<score>-?[0-9]+\.[0-9]+) (?<rule>[A-Z][A-Z0-9_]+) ", RegexOptions.Multiline)]
    private static partial Regex SpamAssassinRule();

    [GeneratedRegex(@"^Symbol: (?<rule>[A-Z0-9_]+) \((?<score>-?[0-9]+\.[0-9]+)\)", RegexOptions.Multiline)]
    private static partial Regex RspamdRule();

    private static Dictionary<string, double> Scores(MatchCollection rules) =>
        rules.DistinctBy(rule => rule.Groups["rule"].Value)
            .ToDictionary(rule => rule.Groups["rule"].Value, rule => double.Parse(rule.Groups["score"].ValueSpan, CultureInfo.InvariantCulture));

    /// <summary>A running rspamd with Debian's rules, except those that would ask other servers.</summary>
    public sealed class Rspamd : IAsyncDisposable
    {
        private static readonly string[] Folders = ["DBDIR", "RUNDIR", "LOGDIR"];

        private readonly string _folder = Reaper.NewFolder("rspamd");
        private readonly ProcessOutput _output = new();
        private readonly int _port = FreePort.Next();
        private Process _server = null!;

        public static async Task<Rspamd> StartAsync()
        {
            var rspamd = new Rspamd();
            var local = Directory.CreateDirectory(Path.Combine(rspamd._folder, "local", "local.d")).FullName;
            string[] asking =
            [
                "rbl", "surbl", "fuzzy_check", "asn", "rspamd_update", "url_redirector", "dkim", "spf", "dmarc", "arc", "mx_check", "p0f"
            ];
            foreach (var asks in asking)
                await File.WriteAllTextAsync(Path.Combine(local, $"{asks}.conf"), "enabled = false;\n");
            var file = Path.Combine(rspamd._folder, "rspamd.conf");
            await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture,
                $$"""
                .include "$CONFDIR/common.conf"
                options {
                    .include "$CONFDIR/options.inc"
                    pidfile = "$RUNDIR/rspamd.pid";
                    control_socket = "$RUNDIR/control.sock mode=0600";
                    dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
                }
                logging { type = "console"; level = "error"; }
                worker "normal" { bind_socket = "127.0.0.1:{{rspamd._port}}"; count = 1; }

                """));
            rspamd._server = Process.Start(new ProcessStartInfo(
                Needs.Rspamd(),
                ["-f", "-i", "-c", file, $"--var=LOCAL_CONFDIR={rspamd._folder}/local", .. Folders.Select(name => $"--var={name}={rspamd._folder}")])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Reaper.Kill(rspamd._server);
            rspamd._output.ReadFrom(rspamd._server);
            await Eventually.TrueAsync(rspamd.ListensAsync, "rspamd listens", TimeSpan.FromMinutes(4));
            return rspamd;
        }

        /// <summary>Rates a message as if it came from a machine in the internet whose name and address match.</summary>
        public async Task<IReadOnlyDictionary<string, double>> EvaluateAsync(string message, string host, string from, string to)
        {
            string[] envelope = ["--ip", "192.0.2.10", "--helo", host, "--hostname", host, "--from", from, "--rcpt", to];
            var judged = await CommandLineTool.RunAsync(
                "rspamc",
                ["-h", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}"), .. envelope, "symbols"],
                message,
                TimeSpan.FromMinutes(2));
            return Scores(RspamdRule().Matches(judged.OutputOrThrow("rspamc")));
        }

        public async ValueTask DisposeAsync()
        {
            await Signals.EndAsync(_server, "TERM");
            Directory.Delete(_folder, recursive: true);
        }

        private async Task<bool> ListensAsync()
        {
            if (_server.HasExited) throw new InvalidOperationException($"rspamd ended:\n{_output}");
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("127.0.0.1", _port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
