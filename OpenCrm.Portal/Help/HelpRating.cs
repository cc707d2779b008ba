using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Help;

/// <summary>One person's rating of the help article (docs/spec.md 10.1). Each person has one; a later one replaces it.</summary>
public sealed class HelpRating
{
    public const int FewestStars = 1, MostStars = 5;

    public Guid UserId { get; init; }

    public int Stars { get; init; }

    /// <summary>The comment as <see cref="Feedback"/> accepts it; empty if nothing was written.</summary>
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
        // The first index alone gives average and distribution. The second holds only ratings with a comment, so a page of them is one range.
        rating.HasIndex(r => r.Stars);
        rating.HasIndex(r => new { r.At, r.UserId }).HasFilter("\"Comment\" <> ''");
    }
}
