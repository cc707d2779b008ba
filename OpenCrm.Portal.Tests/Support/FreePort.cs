using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// Hands out ports below the range from which outgoing connections take theirs. So a port that is free now is still free when the process that gets
/// it has started.
/// </summary>
public static class FreePort
{
    private const int First = 20000;
    private const int Count = 12000;

    private static int _last = RandomNumberGenerator.GetInt32(Count);

    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            if (IsFree(port))
                return port;
        }
        throw new InvalidOperationException("No free port on the loopback address");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
