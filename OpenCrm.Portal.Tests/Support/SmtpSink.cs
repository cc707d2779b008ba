using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>How the sink answers a message.</summary>
public sealed record SmtpAnswer
{
    private SmtpAnswer(string kind, double seconds = 0, string? address = null, string? text = null) =>
        Order = JsonSerializer.Serialize(new { kind, seconds, address, text });

    public static SmtpAnswer Accept { get; } = new("accept");

    public static SmtpAnswer Temporary { get; } = new("temporary");

    public static SmtpAnswer Permanent { get; } = new("permanent");

    /// <summary>Never answers.</summary>
    public static SmtpAnswer Hang { get; } = new("hang");

    /// <summary>Cuts the connection; the message is lost.</summary>
    public static SmtpAnswer Drop { get; } = new("drop");

    /// <summary>Keeps the message, but cuts the connection before the sender learns it.</summary>
    public static SmtpAnswer DropAfterStoring { get; } = new("drop-after-storing");

    internal string Order { get; }

    /// <summary>Accepts every recipient except this one.</summary>
    public static SmtpAnswer Unknown(string address) => new("unknown", address: address);

    /// <summary>Answers with this text when this recipient is named; any recipient if <paramref name="address"/> is null.</summary>
    public static SmtpAnswer Refuses(string? address, string text) => new("refuse", address: address, text: text);

    public static SmtpAnswer Delay(TimeSpan time) => new("delay", time.TotalSeconds);
}

/// <summary>Sender and recipients as named in the SMTP conversation, whatever the headers say.</summary>
public sealed record SmtpEnvelope(string From, IReadOnlyList<string> To);

/// <summary>A real SMTP server (aiosmtpd) that keeps the messages and the raw conversation.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly string _folder = Reaper.NewFolder("smtp");
    private readonly ProcessOutput _output = new();
    private readonly bool _startTls;
    private readonly string? _login;
    private Process? _server;
    private int _count;

    private SmtpSink(bool startTls, string? login)
    {
        _startTls = startTls;
        _login = login;
        Mailbox = new Mailbox(_folder);
        if (startTls)
            WriteCertificate();
    }

    public int Port { get; } = FreePort.Next();

    public Mailbox Mailbox { get; }

    /// <summary>
    /// Every line of every conversation, one conversation after the other. <c>C:</c> marks lines of the portal, <c>S:</c> those of the server.
    /// </summary>
    public IReadOnlyList<string> Transcript =>
        [.. Directory.GetFiles(_folder, "transcript-*").Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines)];

    /// <summary>The number of messages kept. Files are numbered, so that asking often is cheap.</summary>
    public int Count
    {
        get
        {
            while (File.Exists(Path.Combine(_folder, (_count + 1).ToString("000000", CultureInfo.InvariantCulture) + ".eml"))) _count++;
            return _count;
        }
    }

    /// <summary>When each message was kept, in order.</summary>
    public IReadOnlyList<DateTime> Arrivals => [.. Directory.GetFiles(_folder, "*.eml").Select(File.GetLastWriteTimeUtc).Order()];

    public IReadOnlyList<SmtpEnvelope> Envelopes =>
        [.. Directory.GetFiles(_folder, "*.eml").Order(StringComparer.Ordinal)
            .Select(mail => JsonSerializer.Deserialize<SmtpEnvelope>(File.ReadAllText(Path.ChangeExtension(mail, ".json")), Json)!)];

    /// <param name="startTls">Whether the sink offers STARTTLS, with a certificate that nobody trusts.</param>
    /// <param name="login"><c>USER:PASSWORD</c> that the sender has to give; null for none.</param>
    public static async Task<SmtpSink> StartAsync(bool startTls = false, string? login = null)
    {
        var sink = new SmtpSink(startTls, login);
        await sink.StartAgainAsync();
        return sink;
    }

    /// <summary>Returns the settings with this sink as the portal's mail server.</summary>
    public PortalSettings Receives(PortalSettings settings) =>
        settings
            .With("Mail:From", "portal@example.test")
            .With("Mail:Smtp:Host", "127.0.0.1")
            .With("Mail:Smtp:Port", Port.ToString(CultureInfo.InvariantCulture))
            .With("Mail:Smtp:Security", _startTls ? "StartTls" : "None");

    public async Task AnswerAsync(SmtpAnswer answer)
    {
        _output.Clear();
        await _server!.StandardInput.WriteLineAsync(answer.Order);
        await _server.StandardInput.FlushAsync();
        await _output.WaitForAsync(new("^(set)$"));
    }

    /// <summary>Stops the server: connections are refused until <see cref="StartAgainAsync"/>.</summary>
    public async Task StopAsync()
    {
        if (_server is null)
            return;
        await Signals.EndAsync(_server, "KILL");
        _server = null;
    }

    /// <summary>Starts the server at the same port, with the messages kept so far; it accepts mail again.</summary>
    public async Task StartAgainAsync()
    {
        List<string> arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Support", "smtp_sink.py"),
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--folder", _folder,
        ];
        if (_startTls)
            arguments.AddRange(["--certificate", CertificateFile, "--key", KeyFile]);
        if (_login is not null)
            arguments.AddRange(["--login", _login]);
        _output.Clear();
        _server = Process.Start(new ProcessStartInfo(Needs.Aiosmtpd(), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Reaper.Kill(_server);
        _output.ReadFrom(_server);
        await Eventually.TrueAsync(
            () => !_server.HasExited ? _output.Lines.Contains("ready") : throw new InvalidOperationException($"The sink ended:\n{_output}"),
            "the sink listens");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string CertificateFile => Path.Combine(_folder, "certificate.pem");

    private string KeyFile => Path.Combine(_folder, "key.pem");

    private void WriteCertificate()
    {
        var (certificate, key) = LoopbackNetwork.SelfSigned("sink.test");
        File.WriteAllText(CertificateFile, certificate);
        File.WriteAllText(KeyFile, key);
    }
}
