using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenCrm.Portal.Mail;

/// <summary>Hosts by the names that mail servers accept: RFC 5321 2.3.5 and 4.1.3.</summary>
internal static class MailHost
{
    private const int NameLength = 253, LabelLength = 63;

    /// <summary>What a host of an address is called in mail; null for a bare name (<c>localhost</c>, a machine's), which many servers refuse.</summary>
    public static string? Of(Uri url) => url.HostNameType switch
    {
        UriHostNameType.IPv4 or UriHostNameType.IPv6 => Literal(IPAddress.Parse(url.IdnHost)),
        _ => FullName(url.IdnHost),
    };

    /// <summary>A bare number is no domain.</summary>
    public static string Literal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{new IPAddress(address.GetAddressBytes())}]" : $"[{address}]";
    }

    /// <summary>A full name, or an address with or without its brackets; null if it is neither.</summary>
    public static string? Parse(string typed)
    {
        var inner = typed.StartsWith('[') && typed.EndsWith(']') ? typed[1..^1] : typed;
        if (inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)) inner = inner[5..];
        // Shorter forms of a number (1, 10.1) parse as addresses too, and nobody means them.
        if (IPAddress.TryParse(inner, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || inner.Count(c => c == '.') == 3)) return Literal(address);
        return inner.Length == typed.Length ? FullName(typed) : null;
    }

    /// <summary>In ASCII; null unless it has a domain behind its first label.</summary>
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
            // No name of a host.
            return null;
        }
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LabelLength && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-';
}
