using System.Net;
using System.Net.Sockets;

namespace OpenCrm.Portal.Accounts;

/// <summary>Counts what one network did in the current window, for the limits of the configuration section <c>Limits:</c>.</summary>
public sealed class AddressCount
{
    /// <summary>Kind of the limit and network, as <see cref="KeyOf"/> writes them.</summary>
    public required string Key { get; init; }

    public DateTimeOffset WindowStart { get; set; }

    public int Count { get; set; }

    /// <summary>
    /// Returns the key of a network: one IPv4 address, or one IPv6 /64, because a client with one address of a /64 usually has all of them.
    /// </summary>
    public static string KeyOf(string kind, string? address)
    {
        if (!IPAddress.TryParse(address, out var ip)) return $"{kind} unknown";
        if (ip.AddressFamily is not AddressFamily.InterNetworkV6) return $"{kind} {ip}";
        var bytes = ip.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return $"{kind} {new IPAddress(bytes)}/64";
    }
}

/// <summary>A secret of the portal itself, the same on all nodes, encrypted with the key ring.</summary>
public sealed class PortalSecret
{
    public required string Name { get; init; }

    public required byte[] ProtectedValue { get; init; }
}
