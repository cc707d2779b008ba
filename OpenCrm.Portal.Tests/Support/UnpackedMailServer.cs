using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// Exim or OpenSMTPD out of its Debian package, unpacked and not installed: the packages exclude each other. It runs in a mount namespace where its users and its folders
/// exist. It takes mail for <c>ann@example.test</c> and <c>bob@example.test</c> alone.
/// </summary>
public sealed class UnpackedMailServer : IAsyncDisposable
{
    /// <summary>Both programs look up users of theirs; OpenSMTPD has its folders compiled in.</summary>
    private const string Namespace =
        """
        set -e
        folder=$0 unpacked=$1; shift
        cp /etc/passwd /etc/group "$folder"
        number=65530
        for user in Debian-exim opensmtpd opensmtpq; do
            echo "$user:x:$number:$number::/var/lib/opensmtpd/empty:/usr/sbin/nologin" >> "$folder/passwd"
            echo "$user:x:$number:" >> "$folder/group"
            number=$((number - 1))
        done
        mount --bind "$folder/passwd" /etc/passwd
        mount --bind "$folder/group" /etc/group
        for place in /usr/libexec /var/lib /var/spool /run; do mount -t tmpfs -o mode=755 none $place; done
        mkdir -p /var/lib/opensmtpd/empty /usr/libexec/opensmtpd
        mkdir -p -m 711 /var/spool/smtpd
        cp -a "$unpacked"/usr/libexec/opensmtpd/. /usr/libexec/opensmtpd
        exec "$@"
        """;

    private readonly string folder = Reaper.NewFolder("mailserver");
    private readonly ProcessOutput output = new();
    private Process? server;

    private UnpackedMailServer() { }

    public int Port { get; } = FreePort.Next();

    private string Boxes => Path.Combine(folder, "mail");

    public static async Task<UnpackedMailServer> EximAsync()
    {
        var (exim, program) = (new UnpackedMailServer(), Path.Combine(Needs.UnpackedMailServers(), "usr/sbin/exim4"));
        await exim.MakeAsync("spool", "log");
        var file = await exim.WriteAsync(
            $$"""
            exim_path = {{program}}
            spool_directory = {{exim.folder}}/spool
            log_file_path = {{exim.folder}}/log/%slog
            primary_hostname = mx.example.test
            domainlist local_domains = example.test
            acl_smtp_rcpt = judge
            tls_advertise_hosts =
            smtputf8_advertise_hosts =
            never_users =
            keep_environment =
            begin acl
            judge:
              deny message = HELO name is not a full name
                   condition = ${if !match{$sender_helo_name}{\\.|:} }
              deny message = relay not permitted
                   !domains = +local_domains
              require verify = recipient
              accept
            begin routers
            local:
              driver = accept
              domains = +local_domains
              local_parts = ann : bob
              transport = file
            begin transports
            file:
              driver = appendfile
              file = {{exim.Boxes}}/$local_part_data
              user = nobody
              group = nogroup
            """);
        return await exim.StartAsync(program, "-C", file, "-bdf", "-oX", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1.{exim.Port}"), "-oP", Path.Combine(exim.folder, "pid"));
    }

    public static async Task<UnpackedMailServer> OpenSmtpdAsync()
    {
        var (smtpd, program) = (new UnpackedMailServer(), Path.Combine(Needs.UnpackedMailServers(), "usr/sbin/smtpd"));
        await smtpd.MakeAsync();
        var file = await smtpd.WriteAsync(string.Create(CultureInfo.InvariantCulture,
            $$"""
            listen on 127.0.0.1 port {{smtpd.Port}} hostname mx.example.test
            table users { ann@example.test = nobody, bob@example.test = nobody }
            action "in" maildir "{{smtpd.Boxes}}/%{rcpt.user}" virtual <users>
            match from any for domain "example.test" action "in"
            """));
        return await smtpd.StartAsync(program, "-d", "-f", file);
    }

    /// <summary>What lies in somebody's mailbox, as the server wrote it.</summary>
    public IReadOnlyList<string> Of(string user)
    {
        var (box, arrived) = (Path.Combine(Boxes, user), Path.Combine(Boxes, user, "new"));
        if (File.Exists(box)) return [File.ReadAllText(box)];
        return Directory.Exists(arrived) ? [.. Directory.GetFiles(arrived).Select(File.ReadAllText)] : [];
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await Signals.SendAsync(server, "TERM");
            await server.WaitForExitAsync();
            Reaper.Spare(server.Id);
            server.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    private async Task MakeAsync(params string[] ofExim)
    {
        await RunAsync("chmod", "755", folder);
        Directory.CreateDirectory(Boxes);
        await RunAsync("chown", "nobody", Boxes);
        foreach (var name in ofExim)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            // Its number in the namespace.
            await RunAsync("chown", "65530:65530", Path.Combine(folder, name));
        }
    }

    private async Task<string> WriteAsync(string configuration)
    {
        var file = Path.Combine(folder, "configuration");
        await File.WriteAllTextAsync(file, configuration + "\n");
        return file;
    }

    private async Task<UnpackedMailServer> StartAsync(string program, params string[] arguments)
    {
        server = Process.Start(new ProcessStartInfo("unshare", ["-m", "bash", "-c", Namespace, folder, Needs.UnpackedMailServers(), program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Reaper.Kill(server);
        output.ReadFrom(server);
        await Eventually.TrueAsync(ListensAsync, "the mail server listens");
        return this;
    }

    private async Task<bool> ListensAsync()
    {
        if (server!.HasExited) throw new InvalidOperationException($"The mail server ended:\n{output}");
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task RunAsync(string program, params string[] arguments) => (await CommandLineTool.RunAsync(program, arguments)).OutputOrThrow(program);
}
