using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// A removal of MFA that a confirmed lost-device link has scheduled (docs/spec.md 11.7). The row stands as long as the removal is to come: whatever
/// ends the waiting time deletes it, and so does the worker in the transaction that removes MFA.
/// </summary>
public sealed class MfaRemoval
{
    public Guid UserId { get; init; }

    /// <summary>The enrolment that is to be removed; a later one stays.</summary>
    public Guid EnrolmentId { get; init; }

    /// <summary>The account's stamp at the confirmation: a new password or e-mail address changes it.</summary>
    public required string SecurityStamp { get; init; }

    public DateTimeOffset ConfirmedAt { get; init; }

    /// <summary>When MFA is removed.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>The address of the browser that confirmed.</summary>
    public string? Address { get; init; }

    /// <summary>When the worker tries: at <see cref="DueAt"/>, and later after a try that failed for a reason of this row's own.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }

    public int Attempts { get; set; }

    /// <summary>The type of the last failure.</summary>
    public string? Failure { get; set; }
}

internal sealed class MfaRemovalConfiguration : IEntityTypeConfiguration<MfaRemoval>
{
    public const int FailureLength = 100;

    public void Configure(EntityTypeBuilder<MfaRemoval> removal)
    {
        removal.ToTable("MfaRemovals").HasKey(r => r.UserId);
        removal.Property(r => r.UserId).ValueGeneratedNever();
        removal.Property(r => r.SecurityStamp).HasMaxLength(64);
        removal.Property(r => r.Address).HasMaxLength(64);
        removal.Property(r => r.Failure).HasMaxLength(FailureLength);
        removal.HasIndex(r => r.NextAttemptAt);
        removal.HasOne<PortalUser>().WithMany().HasForeignKey(r => r.UserId).OnDelete(DeleteBehavior.Restrict);
    }
}
