using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>What surrounds every message; read for each batch, so that a change of the settings counts at once.</summary>
/// <param name="PublicUrl">Base of links, without a slash at the end.</param>
public sealed record MailFrame(string CompanyName, string PublicUrl, string FromAddress)
{
    /// <summary>Before set-up has stored an address nobody has an account to write to.</summary>
    private const string NoAddressYet = "http://localhost";

    /// <summary>Host, and port if it is not the usual one: how people recognize the portal.</summary>
    public string PublicHost => new Uri(PublicUrl).Authority;

    internal static async Task<MailFrame> ReadAsync(UnitOfWork work, MailOptions options, IConfiguration configuration, CancellationToken cancel)
    {
        var general = await work.SettingsAsync<GeneralSettings>(cancel);
        var address = MailOptions.Value(configuration, "Portal:PublicUrl") ?? general.PublicUrl ?? NoAddressYet;
        var url = address.TrimEnd('/');
        return new(general.CompanyName, url, options.From ?? $"portal@{MailDomain(new(url))}");
    }

    /// <summary>A bare number is no domain: RFC 5321 4.1.3.</summary>
    private static string MailDomain(Uri url) => url.HostNameType switch
    {
        UriHostNameType.IPv4 => $"[{url.Host}]",
        UriHostNameType.IPv6 => $"[IPv6:{url.IdnHost}]",
        _ => url.IdnHost,
    };
}
