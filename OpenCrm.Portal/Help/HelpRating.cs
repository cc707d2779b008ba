using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Help;

/// <summary>What one person thinks of the article (spec 10.1). There is one of a person: a later one takes its place.</summary>
public sealed class HelpRating
{
    public const int FewestStars = 1, MostStars = 5;

    public Guid UserId { get; init; }

    public int Stars { get; init; }

    /// <summary>As <see cref="Feedback"/> lets it through; empty if nothing was written.</summary>
    public required string Comment { get; init; }

    public DateTimeOffset At { get; init; }
}

internal sealed class HelpRatingConfiguration : IEntityTypeConfiguration<HelpRating>
{
    public void Configure(EntityTypeBuilder<HelpRating> rating)
    {
        rating.ToTable("HelpRatings").HasKey(r => r.UserId);
        rating.Property(r => r.UserId).ValueGeneratedNever();
        rating.Property(r => r.Comment).HasMaxLength(Feedback.MostCharacters);
        rating.HasOne<PortalUser>().WithOne().HasForeignKey<HelpRating>(r => r.UserId).OnDelete(DeleteBehavior.Restrict);
        // Average and distribution are counted from the index alone; a page of comments is a range of its own, however many only gave stars.
        rating.HasIndex(r => r.Stars);
        rating.HasIndex(r => new { r.At, r.UserId }).HasFilter("\"Comment\" <> ''");
    }
}
