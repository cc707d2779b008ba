using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// A code that stands in once for the six digits of a person who has no device at hand (docs/spec.md 11.5). One is pending for a person; its use, and
/// whatever ends it, deletes the row.
/// </summary>
public sealed class TemporaryCode
{
    public Guid UserId { get; init; }

    /// <summary>SHA-256 of the code. A plain hash is enough: 100 random bits cannot be guessed offline while the code works.</summary>
    public required byte[] Hash { get; init; }

    public Guid GivenById { get; init; }

    public DateTimeOffset GivenAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class TemporaryCodeConfiguration : IEntityTypeConfiguration<TemporaryCode>
{
    public void Configure(EntityTypeBuilder<TemporaryCode> code)
    {
        code.ToTable("TemporaryCodes").HasKey(c => c.UserId);
        code.Property(c => c.UserId).ValueGeneratedNever();
        code.Property(c => c.Hash).HasMaxLength(32);
        code.HasIndex(c => c.GivenById);
        code.HasIndex(c => c.ExpiresAt);
        code.HasOne<PortalUser>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Restrict);
        code.HasOne<PortalUser>().WithMany().HasForeignKey(c => c.GivenById).OnDelete(DeleteBehavior.Restrict);
    }
}
