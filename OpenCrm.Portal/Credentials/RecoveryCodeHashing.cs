using System.Security.Cryptography;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>Ten new codes and what is stored of them.</summary>
/// <param name="Codes">As people write them down, in three groups of four. Shown once and stored nowhere.</param>
public sealed record NewRecoveryCodes(IReadOnlyList<string> Codes, byte[] Salt, Argon2Cost Cost, IReadOnlyList<byte[]> Hashes)
{
    /// <summary>The rows to store for a user.</summary>
    /// <param name="sessionId">The session that shows them.</param>
    public (RecoveryCodeSet Set, IReadOnlyList<RecoveryCode> Codes) For(Guid userId, Guid sessionId, DateTimeOffset now)
    {
        var set = new RecoveryCodeSet
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            Salt = Salt,
            MemoryKiB = Cost.MemoryKiB,
            Passes = Cost.Passes,
            MadeAt = now,
            MadeInSessionId = sessionId,
        };
        return (set, [.. Hashes.Select((hash, index) => new RecoveryCode { SetId = set.Id, Number = index + 1, Hash = hash })]);
    }

    /// <summary>Leaves out the codes: a record prints all its properties, and so they would reach any log that prints the record.</summary>
    public override string ToString() => nameof(NewRecoveryCodes);
}

/// <summary>The result of comparing a typed code with those of a set.</summary>
/// <param name="Match">The code that was typed, used before or not; null if it is none of them.</param>
internal sealed record RecoveryCodeCheck(RecoveryCode? Match);

/// <summary>
/// Hashes recovery codes at the cost of a password, behind the same gate. One salt for a set: a try is one slow hash, whoever tries and however many
/// codes are left, so that its time tells neither (docs/spec.md 11.1).
/// </summary>
public sealed class RecoveryCodeHashing
{
    private readonly HashGate _gate;
    private readonly Argon2Cost _cost;
    private readonly Func<string, byte[], Argon2Cost, byte[]> _derive;

    public RecoveryCodeHashing(HashGate gate, Argon2Cost cost) : this(gate, cost, Argon2.Derive)
    {
    }

    /// <param name="derive">Computes one slow hash; tests count them.</param>
    internal RecoveryCodeHashing(HashGate gate, Argon2Cost cost, Func<string, byte[], Argon2Cost, byte[]> derive) =>
        (_gate, _cost, _derive) = (gate, cost, derive);

    /// <summary>Makes ten codes and hashes them, before the transaction that stores them: it is slow, and a row would be held that long.</summary>
    /// <returns>Null if too many others are waiting for a hash.</returns>
    public async Task<NewRecoveryCodes?> MakeAsync(Caller by, CancellationToken cancel = default)
    {
        var codes = Enumerable.Range(0, RecoveryCodeSet.Count).Select(_ => CrockfordCode.Generate(RecoveryCodeSet.CodeLength)).ToList();
        var salt = Argon2.NewSalt();
        List<byte[]> hashes = [];
        // Each in its turn: ten in a row would keep everybody waiting who signs in meanwhile.
        foreach (var code in codes)
        {
            if (await _gate.RunAsync(() => _derive(code, salt, _cost), by, cancel) is not { } hash) return null;
            hashes.Add(hash);
        }
        return new([.. codes.Select(CrockfordCode.Grouped)], salt, _cost, hashes);
    }

    /// <summary>Compares a code with all of a set, by one slow hash; also where there is no set, after the same time.</summary>
    /// <returns>Null if too many others are waiting and it was not compared.</returns>
    internal Task<RecoveryCodeCheck?> CheckAsync(
        (RecoveryCodeSet Set, IReadOnlyList<RecoveryCode> Codes)? stored, string code, Caller by, CancellationToken cancel = default) =>
        _gate.RunAsync(() =>
        {
            var hash = _derive(code, stored?.Set.Salt ?? Argon2.NewSalt(), CostOf(stored?.Set));
            RecoveryCode? match = null;
            foreach (var one in stored?.Codes ?? [])
                if (CryptographicOperations.FixedTimeEquals(hash, one.Hash)) match = one;
            return new RecoveryCodeCheck(match);
        }, by, cancel);

    /// <summary>A changed row of the database must not stop the server with one hash.</summary>
    private Argon2Cost CostOf(RecoveryCodeSet? set) =>
        set is { MemoryKiB: >= 8 and <= Argon2Cost.MostMemoryKiB, Passes: >= 1 and <= Argon2Cost.MostPasses }
            ? new(set.MemoryKiB, set.Passes)
            : _cost;
}
