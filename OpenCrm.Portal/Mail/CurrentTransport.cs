namespace OpenCrm.Portal.Mail;

/// <summary>
/// Sends each message by the settings that it brings along: to its mail server, or into the pickup folder where none is connected. So a change of the
/// settings needs no restart, and a connection to the former server is closed before the next message.
/// </summary>
/// <param name="pickupFolder">Full path of the pickup folder.</param>
internal sealed class CurrentTransport(string pickupFolder) : IMailTransport, IDisposable
{
    private readonly PickupTransport _pickup = new(pickupFolder);
    private SmtpOptions? _server;
    private SmtpTransport? _smtp;

    public async Task SendAsync(OutgoingMail mail, CancellationToken cancel)
    {
        if (mail.Server is null)
        {
            await _pickup.SendAsync(mail, cancel);
            return;
        }
        if (mail.Server.IsPasswordUnreadable) throw new TransportUnreachableException(Texts.Mail_PasswordUnreadable, null);
        if (_smtp is null || _server != mail.Server)
        {
            await EndBatchAsync(cancel);
            (_server, _smtp) = (mail.Server, new(mail.Server));
        }
        await _smtp.SendAsync(mail, cancel);
    }

    public async Task EndBatchAsync(CancellationToken cancel)
    {
        if (_smtp is not null) await _smtp.EndBatchAsync(cancel);
    }

    public void Dispose() => _smtp?.Dispose();
}
