using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// The mail settings of this node, as its configuration has them; <see cref="NowAsync"/> adds what was connected in the portal.
/// </summary>
/// <param name="From">The sender's address; null for <c>portal@</c> and the host of the public address.</param>
/// <param name="Smtp">The mail server; null if messages become files in the pickup folder (docs/spec.md 7.3).</param>
/// <param name="PickupFolder">The pickup folder as configured, relative to the data folder; null for the default.</param>
public sealed record MailOptions(string? From, SmtpOptions? Smtp, string? PickupFolder)
{
    /// <summary>The portal's name in its greeting to a mail server that is connected on its page; null for the host of the public address.</summary>
    internal string? HeloName { get; init; }

    /// <exception cref="StartRefusedException">A value is invalid; the message names the setting.</exception>
    public static MailOptions Read(IConfiguration configuration)
    {
        var from = Value(configuration, "Mail:From");
        if (from is not null && !AccountName.IsValidEmail(from))
            throw new StartRefusedException($"Mail:From is '{from}'; it must be a plain e-mail address.");
        var helo = SmtpOptions.ReadHeloName(configuration);
        return new(from, SmtpOptions.Read(configuration, helo), Value(configuration, "Mail:PickupFolder")) { HeloName = helo };
    }

    /// <summary>
    /// The mail settings that count at this moment. They are read for each message, so that a change in the portal takes effect at once, on every
    /// node. A mail server in the configuration wins, and nothing stored is then used.
    /// </summary>
    internal async Task<MailOptions> NowAsync(UnitOfWork work, CancellationToken cancel) =>
        Smtp is null ? With(await work.ReadSettingsAsync<MailSettings>(cancel), work.Encryption) : this;

    /// <summary>The same with a block of settings, where the configuration has no mail server.</summary>
    internal MailOptions With(MailSettings settings, Encryption encryption) => this with
    {
        From = From ?? (settings.From.Length > 0 ? settings.From : null),
        Smtp = settings.IsConnected ? settings.Server(encryption, HeloName) : null,
    };

    internal static string? Value(IConfiguration configuration, string key) =>
        string.IsNullOrWhiteSpace(configuration[key]) ? null : configuration[key]!.Trim();
}

/// <summary>How to reach the mail server.</summary>
/// <param name="HeloName">The name in the portal's greeting (HELO), as it is sent; null for the host of the public address.</param>
public sealed record SmtpOptions(string Host, int Port, SmtpSecurity Security, string? Username, string? Password, string? HeloName = null)
{
    /// <summary>Whether it was connected in the portal: failures then name the fields of the page instead of the keys of the configuration.</summary>
    internal bool IsStored { get; init; }

    /// <summary>Whether a password is stored that cannot be decrypted. Nothing is sent then, because without it the server would refuse.</summary>
    internal bool IsPasswordUnreadable { get; init; }

    internal static SmtpOptions? Read(IConfiguration configuration, string? heloName)
    {
        if (MailOptions.Value(configuration, "Mail:Smtp:Host") is not { } host) return null;
        var security = SmtpSecurity.StartTls;
        if (MailOptions.Value(configuration, "Mail:Smtp:Security") is { } named
            && !(Enum.TryParse(named, ignoreCase: true, out security) && Enum.IsDefined(security)))
        {
            throw new StartRefusedException($"Mail:Smtp:Security is '{named}'; it must be None, StartTls or Tls.");
        }
        var port = security switch { SmtpSecurity.Tls => 465, SmtpSecurity.StartTls => MailSettings.DefaultPort, _ => 25 };
        if (MailOptions.Value(configuration, "Mail:Smtp:Port") is { } number && !(int.TryParse(number, out port) && port is > 0 and <= 65535))
            throw new StartRefusedException($"Mail:Smtp:Port is '{number}'; it must be a number from 1 to 65535.");
        return new(host, port, security, MailOptions.Value(configuration, "Mail:Smtp:Username"), configuration["Mail:Smtp:Password"], heloName);
    }

    internal static string? ReadHeloName(IConfiguration configuration)
    {
        if (MailOptions.Value(configuration, "Mail:Smtp:HeloName") is not { } helo) return null;
        return MailHost.Parse(helo) ?? throw new StartRefusedException(
            $"Mail:Smtp:HeloName is '{helo}'; it must be a full host name such as portal.example.com, or an address such as [192.0.2.1].");
    }

    /// <summary>Host and port.</summary>
    internal string Place => $"{Host}:{Port}";

    /// <summary>Leaves out the password, because options end up in logs.</summary>
    public override string ToString() => $"{Place} ({Security})";
}

/// <summary>How the connection to the mail server is protected. <see cref="StartTls"/> refuses a server that does not offer it.</summary>
public enum SmtpSecurity
{
    None,
    StartTls,
    Tls,
}
