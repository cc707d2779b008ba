using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>One signed-in browser. The row decides about access, on every node; the cookie only names it.</summary>
public sealed class PortalSession
{
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>SHA-256 of the cookie's token: a stolen database does not open a session.</summary>
    public required byte[] TokenHash { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public SessionEnd? EndedBy { get; set; }

    /// <summary>Whether a code was proved as well (<c>amr=otp</c>). Where MFA is on for the user, a session without it opens no page.</summary>
    public bool ProvedByCode { get; set; }

    /// <summary>What was accepted in the place of the six digits at the last sign-in; null if nothing was.</summary>
    public StandIn? StandIn { get; set; }

    /// <summary>When everything that the account asks for was last proved, by sign-in or step-up.</summary>
    public DateTimeOffset ProvedAt { get; set; }

    /// <summary>When at least a part of it was last proved; some step-ups accept the password or a code.</summary>
    public DateTimeOffset ProvedInPartAt { get; set; }

    /// <summary>
    /// The newest event in any tab of the session, or page load; written at most once in a tenth of the timeout (docs/spec.md 4.5).
    /// </summary>
    public DateTimeOffset LastSeenAt { get; set; }

    public string? Address { get; init; }

    /// <summary>The browser's own description of itself, shown in the list of sessions.</summary>
    public string? UserAgent { get; init; }
}

/// <summary>Why a session ended; its open page shows the reason.</summary>
public enum SessionEnd
{
    SignedOut = 0,
    MfaChanged = 1,
    PasswordChanged = 2,
    AccountClosed = 3,
    EndedByAdministrator = 4,
    Expired = 5,
    CodeNeeded = 6,
    FailedAttempts = 7,
    SignedInAgain = 8,

    /// <summary>By the same person, from another session, on their own record.</summary>
    EndedByPerson = 9,
}

internal sealed class PortalSessionConfiguration : IEntityTypeConfiguration<PortalSession>
{
    public const int UserAgentLength = 300;

    public void Configure(EntityTypeBuilder<PortalSession> session)
    {
        session.ToTable("Sessions");
        session.Property(s => s.TokenHash).HasMaxLength(32);
        session.HasIndex(s => s.TokenHash).IsUnique();
        session.HasIndex(s => new { s.UserId, s.EndedAt });
        session.HasIndex(s => s.ExpiresAt);
        session.Property(s => s.Address).HasMaxLength(64);
        session.Property(s => s.UserAgent).HasMaxLength(UserAgentLength);
        session.HasOne<PortalUser>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Restrict);
    }
}
