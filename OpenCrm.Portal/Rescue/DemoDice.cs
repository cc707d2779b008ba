using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OpenCrm.Portal.Rescue;

/// <summary>What chance decides about the made-up company: with a seed the same each time, so that pictures of it can be compared.</summary>
internal sealed class DemoDice(int? seed)
{
    private long _thrown;

    /// <summary>Returns a number from <paramref name="from"/> up to, and without, <paramref name="until"/>.</summary>
    public int Next(int from, int until)
    {
        if (seed is not { } given) return RandomNumberGenerator.GetInt32(from, until);
        Span<byte> thrown = stackalloc byte[12], hash = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt32LittleEndian(thrown, given);
        BinaryPrimitives.WriteInt64LittleEndian(thrown[4..], _thrown++);
        SHA256.HashData(thrown, hash);
        return from + (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash) % (uint)(until - from));
    }

    public int Next(int until) => Next(0, until);
}
