using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

internal sealed class RecoveryCodeSetConfiguration : IEntityTypeConfiguration<RecoveryCodeSet>
{
    public void Configure(EntityTypeBuilder<RecoveryCodeSet> set)
    {
        set.ToTable("RecoveryCodeSets");
        set.Property(s => s.Id).ValueGeneratedNever();
        set.Property(s => s.Salt).HasMaxLength(16);
        // One set for a person: of two that are made at once the second ends the first.
        set.HasIndex(s => s.UserId).IsUnique();
    }
}

internal sealed class RecoveryCodeConfiguration : IEntityTypeConfiguration<RecoveryCode>
{
    public void Configure(EntityTypeBuilder<RecoveryCode> code)
    {
        code.ToTable("RecoveryCodes");
        code.HasKey(c => new { c.SetId, c.Number });
        code.Property(c => c.Number).ValueGeneratedNever();
        code.Property(c => c.Hash).HasMaxLength(32);
    }
}
