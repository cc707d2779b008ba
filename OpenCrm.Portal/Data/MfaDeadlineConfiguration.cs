using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

internal sealed class MfaDeadlineConfiguration : IEntityTypeConfiguration<MfaDeadline>
{
    public void Configure(EntityTypeBuilder<MfaDeadline> deadline)
    {
        deadline.ToTable("MfaDeadlines").HasKey(d => d.UserId);
        deadline.Property(d => d.UserId).ValueGeneratedNever();
        // Of a million people who have MFA none is in here, so that the lists of those who are due and overdue are a range each.
        deadline.HasIndex(d => new { d.DueAt, d.UserId }, "IX_MfaDeadlines_Open").HasFilter("\"IsOpen\"");
        deadline.HasIndex(d => d.NextMailAt).HasFilter("\"NextMailAt\" IS NOT NULL");
    }
}

internal sealed class MfaClockConfiguration : IEntityTypeConfiguration<MfaClock>
{
    public void Configure(EntityTypeBuilder<MfaClock> clock)
    {
        clock.ToTable("MfaClock").HasKey(c => c.Id);
        clock.Property(c => c.Id).ValueGeneratedNever();
        clock.HasData(new MfaClock());
    }
}
