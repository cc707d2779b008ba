using System.ComponentModel.DataAnnotations;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The settings <c>Passwords:Argon2:</c>, the cost of a password hash. It can be raised, but not lowered below OWASP's minimum for Argon2id (ASVS
/// 11.4.2).
/// </summary>
public sealed class Argon2Settings
{
    public const string Section = "Passwords:Argon2";

    /// <summary>Memory of one hash in KiB.</summary>
    [Range(Argon2Cost.LeastMemoryKiB, Argon2Cost.MostMemoryKiB, ErrorMessage = $"{Section}:MemoryKiB must be a number from {{1}} to {{2}}.")]
    public int MemoryKiB { get; init; } = Argon2Cost.LeastMemoryKiB;

    /// <summary>How often a hash goes over its memory.</summary>
    [Range(Argon2Cost.LeastPasses, Argon2Cost.MostPasses, ErrorMessage = $"{Section}:Passes must be a number from {{1}} to {{2}}.")]
    public int Passes { get; init; } = Argon2Cost.LeastPasses;
}

/// <summary>The settings <c>Passwords:</c> that bound how much of the machine hashing may take.</summary>
public sealed class HashLimits
{
    public const string Section = "Passwords";

    /// <summary>How many hashes run at once; null = one less than the processor has cores, and at least one.</summary>
    [Range(1, 1024, ErrorMessage = $"{Section}:HashesAtOnce must be a number from {{1}} to {{2}}.")]
    public int? HashesAtOnce { get; init; }

    /// <summary>How many may wait for a hash; the next one is refused with words.</summary>
    [Range(1, 100_000, ErrorMessage = $"{Section}:HashesWaiting must be a number from {{1}} to {{2}}.")]
    public int HashesWaiting { get; init; } = 400;

    /// <summary>One core is left to the circuits: a click must not wait until somebody else's password is hashed.</summary>
    public int Workers => HashesAtOnce ?? Math.Max(1, Environment.ProcessorCount - 1);
}
