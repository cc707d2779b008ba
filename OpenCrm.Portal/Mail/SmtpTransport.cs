using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace OpenCrm.Portal.Mail;

/// <summary>Sends messages to a mail server, all of a batch over one connection.</summary>
/// <param name="patience">How long to wait for an answer; null for 30 seconds.</param>
internal sealed class SmtpTransport(SmtpOptions options, TimeSpan? patience = null) : MimeTransport, IDisposable
{
    /// <summary>How long the second try waits after a failure. A server that answers at all answers at once.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(30);
    private SmtpClient? _client;
    private bool _spellsDomains;

    /// <summary>What the server said when it took the last message; null before the first.</summary>
    public string? Accepted { get; private set; }

    public override async Task SendAsync(OutgoingMail mail, CancellationToken cancel)
    {
        using var message = Compose(mail);
        var (sender, recipient) = (message.From.Mailboxes.Single(), message.To.Mailboxes.Single());
        var client = await ConnectAsync(mail.HeloName, needsUtf8: NeedsUtf8(sender) || NeedsUtf8(recipient), cancel);
        // The library would send the UTF-8 bytes all the same, and the server would misread them.
        if (!client.Capabilities.HasFlag(SmtpCapabilities.UTF8))
        {
            if (NeedsUtf8(sender)) throw new TransportUnreachableException(SmtpTransportWording.SenderNeedsUtf8(options), null);
            if (NeedsUtf8(recipient)) throw new MailRefusedException(SmtpTransportWording.RecipientNeedsUtf8(options));
        }
        try
        {
            Accepted = await client.SendAsync(message, sender, [recipient], cancel);
        }
        catch (SmtpCommandException answer)
        {
            // This is the server's answer to this message; the next one may be sent over the same connection.
            throw SmtpTransportWording.Of(answer, options, client.LocalDomain);
        }
        catch (ServiceNotAuthenticatedException asked)
        {
            throw SmtpTransportWording.Of(asked, options);
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
            // Everything has been sent, so it does not matter that the server hangs up first.
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        (_client, _spellsDomains) = (null, false);
    }

    /// <summary>A domain has a spelling in ASCII that every server knows; the part before the @ has none.</summary>
    private static bool NeedsUtf8(MailboxAddress address) => !Ascii.IsValid(address.Address.AsSpan(0, address.Address.LastIndexOf('@')));

    private async Task<SmtpClient> ConnectAsync(string? heloName, bool needsUtf8, CancellationToken cancel)
    {
        var client = await OpenAsync(heloName, again: needsUtf8 && _spellsDomains, cancel);
        // The library uses SMTPUTF8 wherever it is offered, even for a domain alone, and a server behind this one may lack it. Once switched off, it
        // stays off for this connection.
        if (needsUtf8 || !client.Capabilities.HasFlag(SmtpCapabilities.UTF8)) return client;
        client.Capabilities &= ~SmtpCapabilities.UTF8;
        _spellsDomains = true;
        return client;
    }

    private async Task<SmtpClient> OpenAsync(string? heloName, bool again, CancellationToken cancel)
    {
        if (_client is { IsConnected: true } && !again) return _client;
        Dispose();
        var client = NewClient(_patience);
        string? distrusted = null;
        client.ServerCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            if (errors != SslPolicyErrors.None) distrusted = SmtpTransportWording.Distrusted(options, certificate, chain, errors);
            return errors == SslPolicyErrors.None;
        };
        try
        {
            await OpenAsync(client, Security(options.Security), heloName, cancel);
        }
        catch (Exception closed) when (!cancel.IsCancellationRequested)
        {
            var greeting = client.LocalDomain;
            client.Dispose();
            if (distrusted is not null) throw new TransportUnreachableException(distrusted, closed);
            var cause = await GuessCauseAsync(closed, greeting, cancel) ?? SmtpTransportWording.Of(closed, options, greeting);
            throw new TransportUnreachableException(cause, closed);
        }
        catch
        {
            client.Dispose();
            throw;
        }
        try
        {
            if (options.Username is not null) await client.AuthenticateAsync(options.Username, options.Password ?? "", cancel);
        }
        catch (Exception refused)
        {
            client.Dispose();
            throw cancel.IsCancellationRequested
                ? refused
                : new TransportUnreachableException(SmtpTransportWording.OfLogin(refused, options), refused);
        }
        return _client = client;
    }

    private static SmtpClient NewClient(TimeSpan patience) => new()
    {
        Timeout = (int)patience.TotalMilliseconds,
        // Chain and name are verified. Revocation is not, as in .NET's other clients, because companies' own authorities often publish no list.
        CheckCertificateRevocation = false,
    };

    private async Task OpenAsync(SmtpClient client, SecureSocketOptions security, string? heloName, CancellationToken cancel)
    {
        var socket = await ConnectSocketAsync(cancel);
        client.LocalDomain = heloName ?? MailHost.Literal(((IPEndPoint)socket.LocalEndPoint!).Address);
        await client.ConnectAsync(socket, options.Host, options.Port, security, cancel);
    }

    private async Task<Socket> ConnectSocketAsync(CancellationToken cancel)
    {
        // SMTP waits for an answer after each line. Without this the last packet of a message waits some 40 ms too, until the server acknowledges the
        // one before.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_patience);
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, limit.Token);
            return socket;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Finds the wrong setting when a server answers, but not as configured: it is tried once the other way (TLS or plain), and the operator reads
    /// which setting to change. This happens only after the failure, because a client that speaks before a slow server has greeted it is taken for a
    /// spammer.
    /// </summary>
    private async Task<string?> GuessCauseAsync(Exception closed, string? greeting, CancellationToken cancel)
    {
        if (closed is SocketException or NotSupportedException or SmtpCommandException) return null;
        var tls = options.Security != SmtpSecurity.Tls;
        using var client = NewClient(ProbePatience);
        // The client's own time-out does not end a TLS handshake that nobody answers.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ProbePatience);
        // Any certificate is accepted, because nothing but a greeting is sent.
#pragma warning disable CA5359
        client.ServerCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        try
        {
            await OpenAsync(client, tls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.None, greeting, limit.Token);
            var words = tls
                ? SmtpTransportWording.IsTls(options)
                : SmtpTransportWording.IsPlain(options, offersTls: client.Capabilities.HasFlag(SmtpCapabilities.StartTLS));
            await client.DisconnectAsync(quit: true, limit.Token);
            return words;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // The server speaks neither, or not now. Then the first failure is all that is known.
            return null;
        }
    }

    private static SecureSocketOptions Security(SmtpSecurity security) => security switch
    {
        SmtpSecurity.None => SecureSocketOptions.None,
        SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        _ => throw new InvalidOperationException("Unknown security."),
    };
}
