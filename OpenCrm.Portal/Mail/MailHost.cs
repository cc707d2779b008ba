using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenCrm.Portal.Mail;

/// <summary>Writes hosts in the forms that mail servers accept (RFC 5321 2.3.5 and 4.1.3).</summary>
internal static class MailHost
{
    private const int NameLength = 253, LabelLength = 63;

    /// <summary>
    /// Returns the host of a URL as it is written in mail; null for a name without a domain, such as <c>localhost</c>, which many servers refuse.
    /// </summary>
    public static string? Of(Uri url) => url.HostNameType switch
    {
        UriHostNameType.IPv4 or UriHostNameType.IPv6 => Literal(IPAddress.Parse(url.IdnHost)),
        _ => FullName(url.IdnHost),
    };

    /// <summary>Writes an IP address in brackets, because without them it is no valid domain.</summary>
    public static string Literal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{new IPAddress(address.GetAddressBytes())}]" : $"[{address}]";
    }

    /// <summary>Reads a full host name, or an IP address with or without brackets; null if it is neither.</summary>
    public static string? Parse(string typed)
    {
        var inner = typed.StartsWith('[') && typed.EndsWith(']') ? typed[1..^1] : typed;
        if (inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)) inner = inner[5..];
        // Short forms (1, 10.1) parse as IP addresses too, but nobody types them on purpose.
        if (IPAddress.TryParse(inner, out var address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || inner.Count(c => c == '.') == 3))
        {
            return Literal(address);
        }
        return inner.Length == typed.Length ? FullName(typed) : null;
    }

    /// <summary>Returns a host name in ASCII; null unless a domain follows its first label.</summary>
    private static string? FullName(string name)
    {
        try
        {
            var ascii = new IdnMapping().GetAscii(name.TrimEnd('.')).ToLowerInvariant();
            var labels = ascii.Split('.');
            return ascii.Length <= NameLength && labels.Length > 1 && labels.All(IsLabel) && labels[^1].Any(char.IsAsciiLetter) ? ascii : null;
        }
        catch (ArgumentException)
        {
            // Not a host name.
            return null;
        }
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LabelLength && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-';
}
