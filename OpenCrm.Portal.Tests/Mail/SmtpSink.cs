using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>A mail server of a few lines that keeps what was said to it.</summary>
internal sealed class SmtpSink : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SmtpSink()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What the client asked for.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>Lines of the messages.</summary>
    public ConcurrentQueue<string> Data { get; } = new();

    public int Connections { get; private set; }

    /// <summary>The answer to a recipient.</summary>
    public Func<string, string> Recipient { get; set; } = _ => "250 ok";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                Connections++;
                _ = TalkAsync(client);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var _ = client;
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 sink");
        var inMessage = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            (inMessage ? Data : Commands).Enqueue(line);
            if (inMessage)
            {
                if (line != ".") continue;
                inMessage = false;
                await writer.WriteLineAsync("250 taken");
                continue;
            }
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            inMessage = verb == "DATA";
            await writer.WriteLineAsync(verb switch { "DATA" => "354 go on", "RCPT" => Recipient(line), "QUIT" => "221 bye", _ => "250 ok" });
        }
    }
}
