using System.Net.Sockets;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace OpenCrm.Portal.Mail;

/// <summary>Hands messages to a mail server, all of a batch over one connection.</summary>
internal sealed class SmtpTransport(SmtpOptions options) : MimeTransport, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private SmtpClient? _client;

    public override async Task SendAsync(OutgoingMail mail, CancellationToken cancel)
    {
        using var message = Compose(mail);
        var client = await ConnectedAsync(cancel);
        try
        {
            await client.SendAsync(message, message.From.Mailboxes.Single(), message.To.Mailboxes, cancel);
        }
        catch (SmtpCommandException)
        {
            // The server's answer to this message; the next one may go.
            throw;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override async Task EndBatchAsync(CancellationToken cancel)
    {
        try
        {
            if (_client is { IsConnected: true }) await _client.DisconnectAsync(quit: true, cancel);
        }
        catch (Exception gone) when (gone is IOException or SmtpProtocolException or SmtpCommandException or OperationCanceledException)
        {
            // What was sent is sent; a server that hangs up first changes nothing.
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _client = null;
    }

    private async Task<SmtpClient> ConnectedAsync(CancellationToken cancel)
    {
        if (_client is { IsConnected: true }) return _client;
        Dispose();
        var client = new SmtpClient
        {
            Timeout = (int)Timeout.TotalMilliseconds,
            // Chain and name are verified. Revocation is not, as in .NET's other clients: companies' own authorities often publish no list.
            CheckCertificateRevocation = false,
        };
        try
        {
            await client.ConnectAsync(await ConnectedSocketAsync(cancel), options.Host, options.Port, Security, cancel);
            if (options.Username is not null) await client.AuthenticateAsync(options.Username, options.Password ?? "", cancel);
        }
        catch (Exception unreachable)
        {
            client.Dispose();
            throw new TransportUnreachableException($"{options}: {unreachable.GetType().Name}: {unreachable.Message}", unreachable);
        }
        return _client = client;
    }

    private async Task<Socket> ConnectedSocketAsync(CancellationToken cancel)
    {
        // An answer is waited for after each line. Without this the last one of a message waits as well, some 40 ms, for the server to acknowledge the one before.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SecureSocketOptions Security => options.Security switch
    {
        SmtpSecurity.None => SecureSocketOptions.None,
        SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        _ => throw new InvalidOperationException("Unknown security."),
    };
}
