namespace OpenCrm.Portal.Accounts;

/// <summary>
/// One authenticator app of a user; a user has up to five (docs/spec.md 11.4). Binding the first one to the user is called enrolment.
/// </summary>
public sealed class Authenticator
{
    public const int MostPerUser = 5, NameLength = 60;

    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>By which its owner tells it from the others.</summary>
    public required string Name { get; set; }

    /// <summary>The key, encrypted for this user with the key ring.</summary>
    public required byte[] ProtectedKey { get; init; }

    /// <summary>
    /// HMAC of the key, unique, so that one key is never enrolled twice. Null until it is computed, for an authenticator of before there could be
    /// several.
    /// </summary>
    public byte[]? KeyFingerprint { get; set; }

    /// <summary>The newest time step whose code was used. A code of this step or of an older one is refused for good (docs/spec.md 1.4).</summary>
    public long LastStep { get; set; }

    public DateTimeOffset SetUpAt { get; init; }

    public Guid SetUpById { get; init; }

    /// <summary>When a code of it was last used, whatever for; null if none was.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>Returns the name as it is stored; null if it is not one: empty, too long, or with characters that nobody can read.</summary>
    public static string? NameOf(string typed) =>
        typed.Trim() is { Length: > 0 and <= NameLength } name && IncomingText.IsLine(name) ? name : null;
}
