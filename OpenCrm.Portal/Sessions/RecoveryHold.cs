using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>What took the place of six digits of an authenticator.</summary>
public enum RecoveryKind
{
    /// <summary>A mailed lost-device link (docs/spec.md 3.2).</summary>
    LostDevice = 0,

    /// <summary>A code that a system administrator gave (docs/spec.md 11.5).</summary>
    TemporaryCode = 1,

    /// <summary>One of the codes that the person keeps (docs/spec.md 11.1).</summary>
    RecoveryCode = 2,
}

/// <summary>
/// What matters is on hold for a person whom a recovery got in, in every session (docs/spec.md 11.3). It stands beside the sessions because every
/// check of a session reads it.
/// </summary>
public sealed class RecoveryHold
{
    public Guid UserId { get; init; }

    /// <summary>
    /// When the first recovery of this hold was used. Six digits of an authenticator that was set up before end the hold; a second recovery does not
    /// move it, or an authenticator that was added during the hold would count.
    /// </summary>
    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset Until { get; set; }

    /// <summary>The newest recovery.</summary>
    public RecoveryKind Recovery { get; set; }
}

internal sealed class RecoveryHoldConfiguration : IEntityTypeConfiguration<RecoveryHold>
{
    public void Configure(EntityTypeBuilder<RecoveryHold> hold)
    {
        hold.ToTable("RecoveryHolds").HasKey(h => h.UserId);
        hold.Property(h => h.UserId).ValueGeneratedNever();
        hold.Property(h => h.Recovery).HasConversion<int>();
        hold.HasIndex(h => h.Until);
        hold.HasOne<PortalUser>().WithMany().HasForeignKey(h => h.UserId).OnDelete(DeleteBehavior.Restrict);
    }
}
