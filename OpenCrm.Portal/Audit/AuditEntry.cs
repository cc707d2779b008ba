using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpenCrm.Portal.Audit;

/// <summary>One line of the audit trail: when, who, about whom, from which address, what (ASVS 16.2.1).</summary>
public sealed class AuditEntry
{
    public long Id { get; init; }

    public DateTimeOffset At { get; init; }

    public required string Kind { get; init; }

    public Guid? ActorId { get; init; }

    /// <summary>The actor's name at that time; it stays when the person is renamed.</summary>
    public required string ActorName { get; init; }

    public Guid? SubjectId { get; init; }

    public string? Address { get; init; }

    /// <summary>The event's own properties as JSON.</summary>
    public required string Details { get; init; }
}

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.ToTable("AuditTrail");
        entry.Property(e => e.Kind).HasMaxLength(64);
        entry.Property(e => e.ActorName).HasMaxLength(200);
        entry.Property(e => e.Address).HasMaxLength(64);
        entry.HasIndex(e => new { e.At, e.Id });
        // A person's events are those about the person and those by the person: each is a range of one of these indexes.
        entry.HasIndex(e => new { e.SubjectId, e.At, e.Id });
        entry.HasIndex(e => new { e.ActorId, e.At, e.Id });
        entry.HasIndex(e => new { e.Kind, e.At, e.Id });
        // Whoever guesses at a password writes as many events about a person as they like: the sign-ins are found beside them.
        entry.HasIndex(e => new { e.SubjectId, e.At, e.Id }, "IX_AuditTrail_SignIns").HasFilter("\"Kind\" IN ('SignedIn', 'SignedInAgain')");
    }
}

/// <summary>What others ask the audit trail for.</summary>
public static class AuditEntries
{
    // Written as the index has it: SQLite uses a partial index only for the very same words.
    private static readonly string[] SignIns = [nameof(AuditEvent.SignedIn), nameof(AuditEvent.SignedInAgain)];

    /// <summary>A person's sign-ins, and the returns to an idle session.</summary>
    public static IQueryable<AuditEntry> SignInsOf(this IQueryable<AuditEntry> entries, Guid userId) =>
        entries.Where(e => e.SubjectId == userId && EF.Constant(SignIns).Contains(e.Kind));
}
