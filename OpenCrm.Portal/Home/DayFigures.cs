using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpenCrm.Portal.Home;

/// <summary>
/// What Home shows of one day, counted by <see cref="DayCounting"/>. A sign-in never writes here: one row that every sign-in changes would make them
/// wait for each other. A row a day is so little that none is deleted.
/// </summary>
public sealed class DayFigures
{
    /// <summary>The day in UTC, so that it is the same one for every reader and on every node.</summary>
    public DateOnly Day { get; init; }

    /// <summary>When a node last took this day to count it; the others leave it alone for a while.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>Up to when the events of the day are counted; null before the first count.</summary>
    public DateTimeOffset? CountedAt { get; init; }

    public int SignIns { get; init; }

    public int Refusals { get; init; }

    /// <summary>When the users were counted on this day; null if they were not, because the portal did not run.</summary>
    public DateTimeOffset? UsersCountedAt { get; init; }

    public int WithMfa { get; init; }

    public int WithoutMfa { get; init; }
}

internal sealed class DayFiguresConfiguration : IEntityTypeConfiguration<DayFigures>
{
    public void Configure(EntityTypeBuilder<DayFigures> day)
    {
        // Home reads a range of the key, and nothing else is ever asked.
        day.ToTable("DayFigures").HasKey(d => d.Day);
        day.Property(d => d.Day).ValueGeneratedNever();
    }
}
