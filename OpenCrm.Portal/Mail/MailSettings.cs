using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// The mail server that a system administrator connected in the portal (docs/spec.md 7.4). A mail server in the server's configuration wins over it
/// as a whole.
/// </summary>
public sealed class MailSettings : ISettingsBlock
{
    public const int HostLength = 253;
    public const int UsernameLength = 200;
    public const int PasswordLength = 500;
    public const int DefaultPort = 587;

    private const string Purpose = "Mail server";

    public int Id { get; init; } = 1;
    public int Version { get; set; }
    public DateTimeOffset? SavedAt { get; set; }
    public string? SavedBy { get; set; }

    /// <summary>The name of the mail server; empty while none is connected.</summary>
    public string Host { get; set; } = "";

    public int Port { get; set; } = DefaultPort;

    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;

    /// <summary>Empty if the server takes mail without a login.</summary>
    public string Username { get; set; } = "";

    /// <summary>The password, encrypted with the key ring; null if none is stored.</summary>
    public byte[]? ProtectedPassword { get; set; }

    /// <summary>The sender's address; empty for <c>portal@</c> and the host of the public address.</summary>
    public string From { get; set; } = "";

    public bool IsConnected => Host.Length > 0;

    public bool HasPassword => ProtectedPassword is not null;

    /// <summary>Encrypts a password that was typed and stores it; null removes the stored one.</summary>
    internal void SetPassword(Encryption encryption, string? password) =>
        ProtectedPassword = password is null ? null : encryption.Protect(Purpose, Encoding.UTF8.GetBytes(password));

    /// <summary>
    /// How to reach the server. A password that cannot be decrypted is marked and never left out: mail then waits, and the reason is told.
    /// </summary>
    internal SmtpOptions Server(Encryption encryption, string? heloName)
    {
        var server = new SmtpOptions(Host, Port, Security, Username.Length > 0 ? Username : null, Password: null, heloName) { IsStored = true };
        if (server.Username is null || ProtectedPassword is null) return server;
        try
        {
            return server with { Password = Encoding.UTF8.GetString(encryption.Unprotect(Purpose, ProtectedPassword)) };
        }
        catch (CryptographicException)
        {
            return server with { IsPasswordUnreadable = true };
        }
    }
}

internal sealed class MailSettingsConfiguration : IEntityTypeConfiguration<MailSettings>
{
    public void Configure(EntityTypeBuilder<MailSettings> settings)
    {
        settings.ToTable("MailSettings").HasKey(s => s.Id);
        settings.Property(s => s.Id).ValueGeneratedNever();
        settings.Property(s => s.Version).IsConcurrencyToken();
        settings.Property(s => s.Host).HasMaxLength(MailSettings.HostLength);
        settings.Property(s => s.Username).HasMaxLength(MailSettings.UsernameLength);
        settings.Property(s => s.From).HasMaxLength(AccountName.EmailLength);
        settings.Property(s => s.Security).HasConversion<int>();
        settings.Ignore(s => s.IsConnected);
        settings.Ignore(s => s.HasPassword);
        settings.HasData(new MailSettings());
    }
}
