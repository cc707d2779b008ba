using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpenCrm.Portal.Credentials;

/// <summary>A link that was mailed, or printed by a rescue command. Whoever holds its token may do one thing, once. The token itself is nowhere in the database.</summary>
public sealed class MailedLink
{
    public Guid Id { get; init; }

    public MailedLinkKind Kind { get; init; }

    public Guid UserId { get; init; }

    public required byte[] TokenHash { get; init; }

    /// <summary>The account as it was: a new password or e-mail address ends every link that was made before.</summary>
    public required string SecurityStamp { get; init; }

    /// <summary>The enrolment that a lost-device link ends: a new one does not revive it. Null for the other kinds.</summary>
    public Guid? AuthenticatorId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Used, replaced by a newer one, or ended by a lock.</summary>
    public DateTimeOffset? ConsumedAt { get; set; }
}

/// <summary>What a mailed link allows.</summary>
public enum MailedLinkKind
{
    /// <summary>To set a new password (spec 1.8).</summary>
    ForgottenPassword = 0,

    /// <summary>To set the first password (spec 5.4).</summary>
    Invitation = 1,

    /// <summary>To disable MFA with the password alone, once (spec 3.2).</summary>
    LostDevice = 2,
}

/// <summary>
/// That somebody asked for a link. The page writes this row and nothing else, for every name alike, and a worker looks afterwards whose name it is: the time of the
/// answer tells nothing (spec 1.6).
/// </summary>
public sealed class MailedLinkRequest
{
    /// <summary>Version 7, so that rows lie in the order of time.</summary>
    public Guid Id { get; init; }

    public MailedLinkKind Kind { get; init; }

    /// <summary>What was typed, encrypted: people type passwords into the wrong field. Emptied with the answer.</summary>
    public required byte[] ProtectedName { get; set; }

    public string? Address { get; init; }

    public DateTimeOffset At { get; init; }

    public DateTimeOffset? AnsweredAt { get; set; }

    /// <summary>Looks at it that failed for a reason of its own; those that found the database away do not count.</summary>
    public int Attempts { get; set; }

    /// <summary>Not looked at before; null: it never failed.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>Given up, so that no other waits for it; it stays a while for whoever asks why.</summary>
    public DateTimeOffset? PutAsideAt { get; set; }

    /// <summary>Why the last attempt failed: the kind of the fault, never what was typed.</summary>
    public string? Failure { get; set; }

    /// <summary>Who got a mail; kept for an hour, for the limit of the account.</summary>
    public Guid? MailedTo { get; set; }
}

internal sealed class MailedLinkConfiguration : IEntityTypeConfiguration<MailedLink>
{
    public void Configure(EntityTypeBuilder<MailedLink> link)
    {
        link.ToTable("MailedLinks");
        link.Property(l => l.Id).ValueGeneratedNever();
        link.Property(l => l.Kind).HasConversion<int>();
        link.Property(l => l.TokenHash).HasMaxLength(32);
        link.Property(l => l.SecurityStamp).HasMaxLength(64);
        link.HasIndex(l => l.TokenHash).IsUnique();
        link.HasIndex(l => l.UserId);
        link.HasIndex(l => l.ExpiresAt);
    }
}

internal sealed class MailedLinkRequestConfiguration : IEntityTypeConfiguration<MailedLinkRequest>
{
    public const int FailureLength = 100;

    public void Configure(EntityTypeBuilder<MailedLinkRequest> request)
    {
        request.ToTable("MailedLinkRequests");
        request.Property(r => r.Id).ValueGeneratedNever();
        request.Property(r => r.Kind).HasConversion<int>();
        request.Property(r => r.Address).HasMaxLength(64);
        // Only what waits: the worker's look costs the same after a flood.
        request.HasIndex(r => new { r.At, r.Id }).HasFilter("\"AnsweredAt\" IS NULL AND \"PutAsideAt\" IS NULL");
        request.HasIndex(r => r.PutAsideAt).HasFilter("\"PutAsideAt\" IS NOT NULL");
        request.Property(r => r.Failure).HasMaxLength(FailureLength);
        request.HasIndex(r => new { r.MailedTo, r.AnsweredAt });
        request.HasIndex(r => r.AnsweredAt);
    }
}
