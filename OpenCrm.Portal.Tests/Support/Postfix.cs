using System.Diagnostics;
using System.Globalization;
using MimeKit;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// Debian's Postfix with a configuration, a queue and mailboxes of its own, independent of the machine's mail server. It accepts mail for
/// <c>example.test</c>, and only from senders that greet it with a full name.
/// </summary>
public sealed class Postfix : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postfix/sbin";

    private readonly string _folder = Reaper.NewFolder("postfix");
    private readonly ProcessOutput _output = new();
    private Process? _server;

    private Postfix() { }

    public int Port { get; } = FreePort.Next();

    /// <summary>The port that uses TLS from the first byte, with a certificate that nobody has signed.</summary>
    public int TlsPort { get; } = FreePort.Next();

    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string LogFile => Path.Combine(_folder, "log");

    /// <summary>
    /// Starts a server with mailboxes for <c>ann</c> and <c>admin</c>, in which each message is a file, and one for <c>bob</c>, which is a single
    /// file in the old format (mbox).
    /// </summary>
    /// <param name="settings">Lines of <c>main.cf</c>; of several lines with one name the last one counts.</param>
    public static async Task<Postfix> StartAsync(params string[] settings)
    {
        Needs.Postfix();
        var postfix = new Postfix();
        await postfix.ConfigureAsync(settings);
        postfix._server = Process.Start(new ProcessStartInfo($"{Programs}/master", ["-c", postfix.Configuration, "-d"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        Reaper.Kill(postfix._server);
        postfix._output.ReadFrom(postfix._server);
        await Eventually.TrueAsync(postfix.ListensAsync, "Postfix listens");
        return postfix;
    }

    /// <summary>Returns the messages in a mailbox of files.</summary>
    public IReadOnlyList<MimeMessage> Of(string user)
    {
        var arrived = Path.Combine(_folder, "mail", user, "new");
        return Directory.Exists(arrived) ? [.. Directory.GetFiles(arrived).Select(file => MimeMessage.Load(file))] : [];
    }

    /// <summary>Returns the content of <c>bob</c>'s mailbox file.</summary>
    public string Mbox() => File.Exists(Path.Combine(_folder, "mail", "bob")) ? File.ReadAllText(Path.Combine(_folder, "mail", "bob")) : "";

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await Signals.EndAsync(_server, "TERM");
        Directory.Delete(_folder, recursive: true);
    }

    private string Configuration => Path.Combine(_folder, "etc");

    private async Task ConfigureAsync(string[] settings)
    {
        foreach (var name in new[] { "etc", "queue", "data", "mail" }) Directory.CreateDirectory(Path.Combine(_folder, name));
        // Postfix's programs run as three different users, but only the owner may read a folder of a test.
        await RunAsync("chmod", "755", _folder);
        await RunAsync("chown", "postfix", Path.Combine(_folder, "data"));
        await RunAsync("chown", "nobody", Path.Combine(_folder, "mail"));
        WriteCertificate();
        await File.WriteAllTextAsync(Path.Combine(Configuration, "main.cf"),
            $$"""
            compatibility_level = 3.6
            queue_directory = {{_folder}}/queue
            data_directory = {{_folder}}/data
            daemon_directory = {{Programs}}
            command_directory = /usr/sbin
            maillog_file = {{LogFile}}
            maillog_file_prefixes = {{_folder}}
            myhostname = mx.example.test
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mydestination =
            mynetworks =
            alias_maps =
            local_recipient_maps =
            virtual_mailbox_domains = example.test
            virtual_mailbox_base = {{_folder}}/mail
            virtual_mailbox_maps = inline:{ {ann@example.test=ann/}, {admin@example.test=admin/}, {bob@example.test=bob} }
            virtual_uid_maps = static:65534
            virtual_gid_maps = static:65534
            smtpd_helo_required = yes
            smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname
            smtpd_relay_restrictions = reject_unauth_destination
            smtpd_tls_cert_file = {{Configuration}}/certificate.pem
            smtpd_tls_key_file = {{Configuration}}/key.pem
            smtpd_tls_security_level = may

            """ + string.Join('\n', settings) + "\n");
        await File.WriteAllTextAsync(Path.Combine(Configuration, "master.cf"), string.Create(CultureInfo.InvariantCulture,
            $"""
            127.0.0.1:{Port} inet n - n - - smtpd
            127.0.0.1:{TlsPort} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
            tlsmgr unix - - n 1000? 1 tlsmgr
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            virtual unix - n n - - virtual
            smtp unix - - n - - smtp
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil
            postlog unix-dgram n - n - 1 postlogd

            """));
        // Creates the folders of the queue.
        await RunAsync(Needs.Postfix(), "-c", Configuration, "check");
    }

    private void WriteCertificate()
    {
        var (certificate, key) = LoopbackNetwork.SelfSigned("mx.example.test");
        File.WriteAllText(Path.Combine(Configuration, "certificate.pem"), certificate);
        File.WriteAllText(Path.Combine(Configuration, "key.pem"), key);
    }

    private async Task<bool> ListensAsync()
    {
        if (_server!.HasExited) throw new InvalidOperationException($"Postfix ended:\n{_output}\n{Log}");
        return await LoopbackNetwork.ListensAsync(TlsPort);
    }

    private static async Task RunAsync(string program, params string[] arguments) =>
        (await CommandLineTool.RunAsync(program, arguments)).OutputOrThrow(program);
}
