using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// A link that was mailed, or printed by a rescue command. Its token allows one action, once. The database holds only a hash of the token.
/// </summary>
public sealed class MailedLink
{
    public Guid Id { get; init; }

    public MailedLinkKind Kind { get; init; }

    public Guid UserId { get; init; }

    public required byte[] TokenHash { get; init; }

    /// <summary>
    /// The account's stamp when the link was made: a new password or e-mail address changes the stamp and so ends every older link.
    /// </summary>
    public required string SecurityStamp { get; init; }

    /// <summary>The enrolment that a lost-device link ends, so that the link never applies to a later one. Null for the other kinds.</summary>
    public Guid? EnrolmentId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When the link was used, replaced by a newer one, or ended by a lock; null while it is open.</summary>
    public DateTimeOffset? ConsumedAt { get; set; }
}

/// <summary>What a mailed link allows.</summary>
public enum MailedLinkKind
{
    /// <summary>Sets a new password (docs/spec.md 1.8).</summary>
    ForgottenPassword = 0,

    /// <summary>Sets the first password of an invited user.</summary>
    Invitation = 1,

    /// <summary>Disables MFA after a sign-in with the password alone.</summary>
    LostDevice = 2,
}

/// <summary>
/// A request for a link. For every name alike, the page writes this row and nothing else; a worker looks up the name later. So the time of the answer
/// does not show whether the name exists.
/// </summary>
public sealed class MailedLinkRequest
{
    /// <summary>A version 7 id, so that rows are sorted by time.</summary>
    public Guid Id { get; init; }

    public MailedLinkKind Kind { get; init; }

    /// <summary>
    /// The typed name, encrypted because people type passwords into the wrong field. Emptied once the request is answered or put aside.
    /// </summary>
    public required byte[] ProtectedName { get; set; }

    public string? Address { get; init; }

    /// <summary>The language in which the visitor read the page; null if the portal does not speak it.</summary>
    public string? Language { get; init; }

    public DateTimeOffset At { get; init; }

    public DateTimeOffset? AnsweredAt { get; set; }

    /// <summary>How many tries failed for a reason of the request's own; tries that found the database away do not count.</summary>
    public int Attempts { get; set; }

    /// <summary>When the worker tries again; null if no try has failed.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>
    /// When the worker gave up, so that no other request waits behind this one. The row stays for a day, so that an operator can investigate.
    /// </summary>
    public DateTimeOffset? PutAsideAt { get; set; }

    /// <summary>Why the last try failed: the type of the error, never what was typed.</summary>
    public string? Failure { get; set; }

    /// <summary>The user who got a mail; kept for an hour, for the limit per account.</summary>
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
        request.Property(r => r.Language).HasMaxLength(PortalUser.LanguageLength);
        // Only waiting rows are in the index, so the worker's query costs the same after a flood.
        request.HasIndex(r => new { r.At, r.Id }).HasFilter("\"AnsweredAt\" IS NULL AND \"PutAsideAt\" IS NULL");
        request.HasIndex(r => r.PutAsideAt).HasFilter("\"PutAsideAt\" IS NOT NULL");
        request.Property(r => r.Failure).HasMaxLength(FailureLength);
        request.HasIndex(r => new { r.MailedTo, r.AnsweredAt });
        request.HasIndex(r => r.AnsweredAt);
    }
}
