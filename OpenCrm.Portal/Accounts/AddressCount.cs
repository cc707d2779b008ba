using System.Net;
using System.Net.Sockets;

namespace OpenCrm.Portal.Accounts;

/// <summary>What one network did in the current window, for the limits of <c>Limits:</c>.</summary>
public sealed class AddressCount
{
    /// <summary>Kind and network, as <see cref="KeyOf"/> makes it.</summary>
    public required string Key { get; init; }

    public DateTimeOffset WindowStart { get; set; }

    public int Count { get; set; }

    /// <summary>One IPv4 address, or one IPv6 /64: whoever has one address of such a network has all of them.</summary>
    public static string KeyOf(string kind, string? address)
    {
        if (!IPAddress.TryParse(address, out var ip)) return $"{kind} unknown";
        if (ip.AddressFamily is not AddressFamily.InterNetworkV6) return $"{kind} {ip}";
        var bytes = ip.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return $"{kind} {new IPAddress(bytes)}/64";
    }
}

/// <summary>A secret of the portal itself, the same on all nodes, encrypted by the key ring.</summary>
public sealed class PortalSecret
{
    public required string Name { get; init; }

    public required byte[] ProtectedValue { get; init; }
}
