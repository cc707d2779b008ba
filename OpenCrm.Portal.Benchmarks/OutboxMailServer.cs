using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Debian's Postfix with a queue of its own, that takes every message from this machine and throws it away. Where there is a file system in memory
/// its queue is there, so that its disk is not what is measured.
/// </summary>
internal sealed partial class OutboxMailServer : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postfix/sbin";

    private readonly string _folder = Directory.CreateTempSubdirectory("opencrm-postfix-").FullName;
    private readonly string _queue = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"opencrm-postfix-{Environment.ProcessId}");
    private Process? _master;

    public int Port { get; } = FreePort.Next();

    private string LogFile => Path.Combine(_folder, "log");

    /// <summary>Starts the server. It needs root, as Postfix does.</summary>
    public static async Task<OutboxMailServer> StartAsync()
    {
        var server = new OutboxMailServer();
        await server.ConfigureAsync();
        server._master = Process.Start(new ProcessStartInfo($"{Programs}/master", ["-c", server.Configuration, "-d"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Reaper.Kill(server._master);
        await Eventually.TrueAsync(server.ListensAsync, "Postfix listens");
        return server;
    }

    /// <summary>The Message-IDs that it took, in order, as often as they came.</summary>
    public async Task<IReadOnlyList<string>> MessageIdsAsync() =>
        [.. MessageId().Matches(await File.ReadAllTextAsync(LogFile)).Select(match => match.Groups[1].Value)];

    public async ValueTask DisposeAsync()
    {
        if (_master is not null) await Signals.EndAsync(_master, "TERM");
        foreach (var folder in new[] { _folder, _queue }) Directory.Delete(folder, recursive: true);
    }

    private string Configuration => Path.Combine(_folder, "etc");

    private async Task ConfigureAsync()
    {
        Directory.CreateDirectory(_queue);
        foreach (var name in new[] { "etc", "data" }) Directory.CreateDirectory(Path.Combine(_folder, name));
        await RunAsync("chmod", "755", _folder);
        await RunAsync("chown", "postfix", Path.Combine(_folder, "data"));
        // Without in_flow_delay Postfix would make the portal wait while its own queue is full.
        await File.WriteAllTextAsync(Path.Combine(Configuration, "main.cf"),
            $"""
            compatibility_level = 3.6
            queue_directory = {_queue}
            data_directory = {_folder}/data
            daemon_directory = {Programs}
            command_directory = /usr/sbin
            maillog_file = {LogFile}
            maillog_file_prefixes = {_folder}
            myhostname = mx.example.test
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mydestination =
            mynetworks = 127.0.0.0/8
            alias_maps =
            local_recipient_maps =
            default_transport = discard
            in_flow_delay = 0
            smtpd_client_connection_count_limit = 0

            """);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "master.cf"), string.Create(CultureInfo.InvariantCulture,
            $"""
            127.0.0.1:{Port} inet n - n - - smtpd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            discard unix - - n - - discard
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil
            postlog unix-dgram n - n - 1 postlogd

            """));
        // Creates the folders of the queue.
        await RunAsync("/usr/sbin/postfix", "-c", Configuration, "check");
    }

    private async Task<bool> ListensAsync()
    {
        if (_master!.HasExited) throw new InvalidOperationException($"Postfix ended: {await _master.StandardError.ReadToEndAsync()}");
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task RunAsync(string program, params string[] arguments) =>
        (await CommandLineTool.RunAsync(program, arguments)).OutputOrThrow(program);

    [GeneratedRegex("cleanup.*message-id=<([^>]+)>")]
    private static partial Regex MessageId();
}
