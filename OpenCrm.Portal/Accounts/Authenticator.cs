namespace OpenCrm.Portal.Accounts;

/// <summary>One authenticator bound to one user: the enrolment.</summary>
public sealed class Authenticator
{
    /// <summary>A new one with every enrolment, so that what was begun under an old one ends with it.</summary>
    public Guid Id { get; init; }

    /// <summary>The key, encrypted for this user by the key ring (spec 8.6).</summary>
    public required byte[] ProtectedKey { get; init; }

    /// <summary>The newest time step that was used; it and every older one is refused for good (spec 1.4).</summary>
    public long LastStep { get; set; }

    public DateTimeOffset SetUpAt { get; init; }

    public Guid SetUpById { get; init; }
}
