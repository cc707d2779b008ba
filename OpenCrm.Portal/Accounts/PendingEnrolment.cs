namespace OpenCrm.Portal.Accounts;

/// <summary>
/// A run of the enrolment wizard: the key that waits for its first code (spec 2.5). It lies with its session, so that loading the page again, another tab and another node show
/// the same key, and nobody else's session any.
/// </summary>
public sealed class PendingEnrolment
{
    /// <summary>Becomes the authenticator's at Save: a second tab that shows the same key can tell that it is in use already.</summary>
    public Guid Id { get; init; }

    public Guid SessionId { get; init; }

    /// <summary>Whose MFA it will be.</summary>
    public Guid UserId { get; init; }

    /// <summary>Encrypted by the key ring for this user in this session; null once it expired.</summary>
    public byte[]? ProtectedKey { get; set; }

    /// <summary>The names in the app as they were shown first: a company renamed meanwhile changes no entry that was scanned already.</summary>
    public required string Issuer { get; init; }

    /// <inheritdoc cref="Issuer" />
    public required string Account { get; init; }

    /// <summary>The enrolment as it was when the wizard began; another one since is not overwritten.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>Codes tried, each counted before it was looked at.</summary>
    public int Codes { get; set; }

    public DateTimeOffset ExpiresAt { get; init; }
}
