using System.Globalization;
using System.Net;

namespace OpenCrm.Portal.Audit;

/// <summary>
/// Puts client addresses into words: <c>::1</c> and <c>127.0.0.1</c> say nothing to most people. They are the computer on which the portal runs,
/// which need not be the reader's, or a proxy there that does not say whom it speaks for.
/// </summary>
public static class AddressWording
{
    /// <summary>Returns the words for the computer of the portal; every other address, and none, stays as it is.</summary>
    public static string? Of(string? address) => IsPortals(address) ? Texts.Audit_PortalsComputer : address;

    /// <summary>Returns the same for a mail, in the language of its recipient, whoever causes it; empty for none.</summary>
    public static string InMail(string? address, CultureInfo language) => Languages.In(language, () => Of(address)) ?? "";

    private static bool IsPortals(string? address) =>
        IPAddress.TryParse(address, out var ip) && IPAddress.IsLoopback(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip);
}
