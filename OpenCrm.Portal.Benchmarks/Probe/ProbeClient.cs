using System.Net.Sockets;
using System.Text.Json;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Probe;

/// <summary>Asks the <see cref="ServerProbe"/> of another process.</summary>
internal sealed class ProbeClient : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private ProbeClient(Socket socket)
    {
        _stream = new(socket, ownsSocket: true);
        (_reader, _writer) = (new(_stream), new(_stream) { AutoFlush = true });
    }

    public static async Task<ProbeClient> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await Eventually.TrueAsync(() => File.Exists(path), "the probe listens");
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return new(socket);
    }

    /// <param name="collect">Whether the server first collects all garbage.</param>
    public async Task<Reading> ReadAsync(bool collect = false)
    {
        await _writer.WriteLineAsync(collect ? ServerProbe.Collect : "");
        var line = await _reader.ReadLineAsync() ?? throw new InvalidOperationException("The measured server has ended");
        return JsonSerializer.Deserialize<Reading>(line)!;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
        _stream.Dispose();
    }
}
