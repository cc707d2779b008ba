using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>What surrounds every message; read for each batch, so that a change of the settings counts at once.</summary>
/// <param name="PublicUrl">Base of links, without a slash at the end.</param>
public sealed record MailFrame(string CompanyName, string PublicUrl, string FromAddress)
{
    /// <summary>Where no full name is known. The name is set aside for that (RFC 2606): nobody's filter looks for a machine of that name.</summary>
    private const string NoName = "portal.invalid";

    /// <summary>Host, and port if it is not the usual one: how people recognize the portal.</summary>
    public string PublicHost => new Uri(PublicUrl).Authority;

    /// <summary>How the portal greets a mail server; null where its host has no full name.</summary>
    internal string? HeloName { get; init; }

    /// <summary>The right side of message ids: a full name, or filters take the id for a made-up one.</summary>
    internal string MessageIdHost => SenderHost.Contains('.', StringComparison.Ordinal) && !SenderHost.StartsWith('[') ? SenderHost : HeloName is { } name && !name.StartsWith('[') ? name : NoName;

    private string SenderHost => FromAddress[(FromAddress.LastIndexOf('@') + 1)..];

    internal static async Task<MailFrame> ReadAsync(UnitOfWork work, MailOptions options, PublicAddress address, CancellationToken cancel)
    {
        var general = await work.ReadSettingsAsync<GeneralSettings>(cancel);
        var url = address.Of(general).InUse;
        var host = MailHost.Of(new(url));
        return new(general.CompanyName, url, options.From ?? $"portal@{host ?? new Uri(url).IdnHost}") { HeloName = options.Smtp?.HeloName ?? host };
    }
}
