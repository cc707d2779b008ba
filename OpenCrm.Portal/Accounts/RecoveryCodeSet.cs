namespace OpenCrm.Portal.Accounts;

/// <summary>
/// The recovery codes of one person: ten, each of which stands in for the six digits once (docs/spec.md 11.1). They are shown when they are made and
/// stored as slow hashes with one salt, so that a try costs one hash however many are left.
/// </summary>
public sealed class RecoveryCodeSet
{
    public const int Count = 10;

    /// <summary>Characters of a code: 60 random bits.</summary>
    public const int CodeLength = 12;

    /// <summary>With so many or fewer the person is asked to make new ones.</summary>
    public const int FewLeft = 3;

    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    public required byte[] Salt { get; init; }

    /// <summary>What a hash of this set costs (RFC 9106), also after the setting was raised.</summary>
    public int MemoryKiB { get; init; }

    /// <inheritdoc cref="MemoryKiB" />
    public int Passes { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    /// <summary>The session that showed them; until the person has saved them, every later one shows fresh ones.</summary>
    public Guid? MadeInSessionId { get; init; }

    /// <summary>When the person ticked that they are saved; null until then.</summary>
    public DateTimeOffset? SavedAt { get; set; }
}

/// <summary>One code of a <see cref="RecoveryCodeSet"/>.</summary>
public sealed class RecoveryCode
{
    public Guid SetId { get; init; }

    /// <summary>From 1 to 10.</summary>
    public int Number { get; init; }

    public required byte[] Hash { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}
