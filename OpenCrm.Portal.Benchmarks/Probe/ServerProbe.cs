using System.Net.Sockets;
using System.Text.Json;

namespace OpenCrm.Portal.Benchmarks.Probe;

/// <summary>What a server's process says about itself.</summary>
/// <param name="Processor">Milliseconds of processor time since its start.</param>
/// <param name="Hashes">Password hashes so far.</param>
/// <param name="Hashing">Milliseconds of processor time of these.</param>
/// <param name="WorkItems">Work items that its thread pool has completed: what wakes it up.</param>
/// <param name="Timers">Timers that are running.</param>
/// <param name="Managed">Bytes that are in use on the managed heap; exact after a collection.</param>
/// <param name="Resident">Bytes of memory that the process holds.</param>
internal sealed record Reading(double Processor, long Hashes, double Hashing, long WorkItems, long Timers, long Managed, long Resident);

/// <summary>
/// Runs inside a measured server, whatever its make, and answers from outside by a Unix socket: one line is asked, one line of JSON comes back. Where
/// nobody asks it costs a waiting thread.
/// </summary>
internal static class ServerProbe
{
    /// <summary>The environment variable that names the socket.</summary>
    public const string Variable = "BENCHMARK_PROBE";

    /// <summary>Asks for a full collection first.</summary>
    public const string Collect = "collect";

    public static void Start(string socket)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        listener.Listen();
        new Thread(() => Serve(listener)) { IsBackground = true, Name = "Probe" }.Start();
    }

    private static void Serve(Socket listener)
    {
        while (true)
        {
            using var stream = new NetworkStream(listener.Accept(), ownsSocket: true);
            using var reader = new StreamReader(stream);
            using var writer = new StreamWriter(stream) { AutoFlush = true };
            while (reader.ReadLine() is { } asked)
            {
                if (asked == Collect) CollectAll();
                writer.WriteLine(JsonSerializer.Serialize(Read()));
            }
        }
    }

    private static void CollectAll()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }

    private static Reading Read() => new(
        Environment.CpuUsage.TotalTime.TotalMilliseconds, HashCost.Count, HashCost.Time.TotalMilliseconds,
        ThreadPool.CompletedWorkItemCount, Timer.ActiveCount, GC.GetTotalMemory(false), Environment.WorkingSet);
}
