using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>What surrounds the body of every message: for a second at most, so that a change of the settings takes effect at once.</summary>
/// <param name="PublicUrl">Base of links, without a slash at the end.</param>
public sealed record MailFrame(string CompanyName, string PublicUrl, string FromAddress)
{
    /// <summary>Stands in where no full host name is known. RFC 2606 reserves it, so no mail filter looks for a machine of that name.</summary>
    private const string NoName = "portal.invalid";

    /// <summary>The language of the mail: that of its template, of the frame's own words, and the one that mail programs are told.</summary>
    public CultureInfo Language { get; init; } = Languages.English;

    /// <summary>The company's colour, in which buttons are; null for the portal's own.</summary>
    public Colour? Accent { get; init; }

    /// <summary>The company's logo; null for its name alone.</summary>
    public LogoPicture? Logo { get; init; }

    /// <summary>Host of the public address, with the port if it is not the usual one. People recognize the portal by it.</summary>
    public string PublicHost => new Uri(PublicUrl).Authority;

    /// <summary>The name in the greeting to a mail server (HELO); null where the portal's host has no full name.</summary>
    internal string? HeloName { get; init; }

    /// <summary>The mail server that counts at this moment; null for the pickup folder.</summary>
    internal SmtpOptions? Server { get; init; }

    /// <summary>The right side of message ids. It must be a full name, or spam filters take the id for a made-up one.</summary>
    internal string MessageIdHost =>
        SenderHost.Contains('.', StringComparison.Ordinal) && !SenderHost.StartsWith('[') ? SenderHost
        : HeloName is { } name && !name.StartsWith('[') ? name
        : NoName;

    private string SenderHost => FromAddress[(FromAddress.LastIndexOf('@') + 1)..];

    internal static async Task<MailFrame> ReadAsync(
        UnitOfWork work, MailOptions options, PublicAddress address, CultureInfo language, CancellationToken cancel)
    {
        var general = await work.ReadSettingsAsync<GeneralSettings>(cancel);
        var url = address.Of(general).InUse;
        var host = MailHost.Of(new(url));
        var now = await options.NowAsync(work, cancel);
        return new(general.CompanyName, url, now.From ?? $"portal@{host ?? new Uri(url).IdnHost}")
        {
            Language = language,
            Accent = Colour.Parse(general.AccentColour),
            Logo = await work.ReadLogoAsync(general.LogoHash, cancel),
            HeloName = now.Smtp?.HeloName ?? host,
            Server = now.Smtp,
        };
    }
}
