namespace OpenCrm.Portal.Accounts;

/// <summary>A sign-in whose password is proved and whose code is still due (spec 1.3). It stands in the database so that a lock on any node ends it.</summary>
public sealed class PendingSignIn
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Known to the circuit only; it never leaves the server.</summary>
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>The account as the password proved it.</summary>
    public required string SecurityStamp { get; init; }

    /// <summary>The enrolment whose code is due: one set up since does not count.</summary>
    public Guid AuthenticatorId { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}
