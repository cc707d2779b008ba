using System.Buffers.Binary;
using System.Text;

namespace OpenCrm.Portal.Benchmarks.Circuits;

/// <summary>What an edit does to the children of its component; the numbers are those of the wire.</summary>
internal enum EditKind
{
    PrependFrame = 1,
    RemoveFrame = 2,
    SetAttribute = 3,
    RemoveAttribute = 4,
    UpdateText = 5,
    StepIn = 6,
    StepOut = 7,
    UpdateMarkup = 8,
    PermutationListEntry = 9,
    PermutationListEnd = 10,
}

internal enum FrameKind
{
    Element = 1,
    Text = 2,
    Attribute = 3,
    Component = 4,
    Region = 5,
    ElementReferenceCapture = 6,
    Markup = 8,
}

/// <param name="To">The index of the frame that it brings, or the place to which an entry of a permutation moves.</param>
/// <param name="Removed">The name of the attribute that goes.</param>
internal readonly record struct Edit(EditKind Kind, int Sibling, int To, string? Removed);

/// <summary>
/// One render batch as the server sends it: little-endian, offsets in its last twenty bytes (aspnetcore, Web.JS/src/Rendering/RenderBatch/
/// OutOfProcessRenderBatch.ts).
/// </summary>
internal sealed class RenderBatch
{
    private const int FrameLength = 20, EditLength = 16;

    private readonly byte[] _bytes;
    private readonly int _frames, _strings;

    public RenderBatch(byte[] bytes)
    {
        _bytes = bytes;
        var end = bytes.Length - 20;
        (Updated, _frames, Disposed, _strings) = (Int(end), Int(end + 4) + 4, Int(end + 8), Int(end + 16));
    }

    private int Updated { get; }

    private int Disposed { get; }

    /// <summary>The components that changed, each with its edits.</summary>
    public IEnumerable<(int Component, IReadOnlyList<Edit> Edits)> Diffs()
    {
        for (var i = 0; i < Int(Updated); i++)
        {
            var diff = Int(Updated + 4 + 4 * i);
            yield return (Int(diff), [.. Enumerable.Range(0, Int(diff + 4)).Select(edit => EditAt(diff + 8 + EditLength * edit))]);
        }
    }

    public IEnumerable<int> DisposedComponents() => Enumerable.Range(0, Int(Disposed)).Select(i => Int(Disposed + 4 + 4 * i));

    public FrameKind Kind(int frame) => (FrameKind)Int(At(frame));

    /// <summary>Frames of the subtree, the frame itself included; 1 for a frame that has none.</summary>
    public int Length(int frame) =>
        Kind(frame) is FrameKind.Element or FrameKind.Component or FrameKind.Region ? Int(At(frame) + 4) : 1;

    /// <summary>The text, the markup or an attribute's name.</summary>
    public string First(int frame) => Text(Int(At(frame) + 4)) ?? "";

    /// <summary>An element's name or an attribute's value.</summary>
    public string? Second(int frame) => Text(Int(At(frame) + 8));

    public int Component(int frame) => Int(At(frame) + 8);

    /// <summary>The number by which the server knows the handler; 0 for an attribute that is none.</summary>
    public ulong Handler(int frame) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(At(frame) + 12));

    private int At(int frame) => _frames + FrameLength * frame;

    private Edit EditAt(int at) => new((EditKind)Int(at), Int(at + 4), Int(at + 8), Text(Int(at + 12)));

    private int Int(int at) => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at));

    private string? Text(int index)
    {
        if (index < 0) return null;
        var (at, length, shift) = (Int(_strings + 4 * index), 0, 0);
        byte read;
        do
        {
            read = _bytes[at++];
            length |= (read & 0x7f) << shift;
            shift += 7;
        }
        while ((read & 0x80) != 0);
        return Encoding.UTF8.GetString(_bytes, at, length);
    }
}
