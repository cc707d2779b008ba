namespace OpenCrm.Portal.Accounts;

/// <summary>
/// One run of the enrolment wizard: the key that waits for its first code (docs/spec.md 2.5). It is stored with the session, so that a reload,
/// another tab and another node show the same key, and no other session shows it.
/// </summary>
public sealed class PendingEnrolment
{
    /// <summary>Becomes the authenticator's id at Save. By it a second tab with the same key can tell that the key is in use already.</summary>
    public Guid Id { get; init; }

    public Guid SessionId { get; init; }

    /// <summary>The user whose MFA is being set up.</summary>
    public Guid UserId { get; init; }

    /// <summary>The key, encrypted with the key ring for this user in this session; null once it expired.</summary>
    public byte[]? ProtectedKey { get; set; }

    /// <summary>
    /// The names in the app as the wizard first showed them. They stay when the company is renamed meanwhile, so that an entry scanned before still
    /// fits.
    /// </summary>
    public required string Issuer { get; init; }

    /// <inheritdoc cref="Issuer" />
    public required string Account { get; init; }

    /// <summary>The user's enrolment when the wizard began; null = none. If another one was made since, Save does not change it.</summary>
    public Guid? EnrolmentId { get; init; }

    /// <summary>The authenticator that Save replaces; null if it adds one, or sets up the first.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>Number of codes tried. Each counts before it is checked.</summary>
    public int Codes { get; set; }

    public DateTimeOffset ExpiresAt { get; init; }
}
