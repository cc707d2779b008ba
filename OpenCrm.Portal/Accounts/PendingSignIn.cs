namespace OpenCrm.Portal.Accounts;

/// <summary>
/// A sign-in whose password was right and whose code is still due (docs/spec.md 1.3). It is in the database, so that a lock on any node ends it.
/// </summary>
public sealed class PendingSignIn
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Known only to the circuit; it never leaves the server.</summary>
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>The account's stamp when the password was checked: a password or e-mail change since then voids this sign-in.</summary>
    public required string SecurityStamp { get; init; }

    /// <summary>The enrolment whose code is due. A code of a newer enrolment does not count.</summary>
    public Guid EnrolmentId { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}
