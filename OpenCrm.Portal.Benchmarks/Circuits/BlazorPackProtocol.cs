using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace OpenCrm.Portal.Benchmarks.Circuits;

/// <summary>
/// The hub protocol of Blazor's circuits: SignalR's MessagePack under another name, with fewer types. It also counts the bytes of one connection.
/// </summary>
internal sealed class BlazorPackProtocol : IHubProtocol
{
    private static readonly MessagePackHubProtocol Pack = new();
    private long _received, _sent;

    public string Name => "blazorpack";

    public int Version => 1;

    public TransferFormat TransferFormat => TransferFormat.Binary;

    /// <summary>Bytes of all messages from the server, without the frames of the WebSocket.</summary>
    public long Received => Interlocked.Read(ref _received);

    public long Sent => Interlocked.Read(ref _sent);

    public bool IsVersionSupported(int version) => version == Version;

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        var before = input.Length;
        var whole = Pack.TryParseMessage(ref input, binder, out message);
        Interlocked.Add(ref _received, before - input.Length);
        return whole;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        var bytes = GetMessageBytes(message);
        output.Write(bytes.Span);
    }

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message)
    {
        var bytes = Pack.GetMessageBytes(message);
        Interlocked.Add(ref _sent, bytes.Length);
        return bytes;
    }
}
