using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>One message, written with the change that it reports and sent afterwards (spec 7.1).</summary>
public sealed class OutboxEntry
{
    /// <summary>Version 7, so that rows lie in the order of time.</summary>
    public Guid Id { get; init; }

    public required string TemplateKey { get; init; }

    public required string RecipientAddress { get; init; }

    public required string RecipientName { get; init; }

    /// <summary>The merge values as encrypted JSON: some hold live links, and a stolen database yields none (spec 8.6).</summary>
    public required byte[] ProtectedPayload { get; init; }

    /// <summary>For a test of what is not saved yet: the text to send instead of the stored one, encrypted as the values are.</summary>
    public byte[]? ProtectedText { get; init; }

    /// <summary>As it was last tried; null before. No subject may hold a link (<see cref="TemplateFault.SecretInSubject"/>), so it can be shown.</summary>
    public string? Subject { get; set; }

    /// <summary>Given at the first attempt and kept, so that a receiver can tell a repeated message.</summary>
    public string? MessageId { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public OutboxState State { get; set; } = OutboxState.Waiting;

    public int Attempts { get; set; }

    /// <summary>How many of them the mail server answered with a refusal for good.</summary>
    public int Refusals { get; set; }

    public DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>A failure after this is the last one.</summary>
    public DateTimeOffset GiveUpAt { get; set; }

    /// <summary>The lease of whoever sends it now; when it runs out the sender is taken for dead.</summary>
    public DateTimeOffset? ClaimedUntil { get; set; }

    /// <summary>The claim, new for each batch.</summary>
    public Guid? ClaimedBy { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>Why the last attempt failed, without links and values.</summary>
    public string? LastError { get; set; }
}

/// <summary>Where a message stands.</summary>
public enum OutboxState
{
    Waiting = 0,
    Sent = 1,

    /// <summary>Given up after a day, or refused twice; an administrator can send it again (spec 7.2).</summary>
    Dead = 2,
}

internal sealed class OutboxEntryConfiguration : IEntityTypeConfiguration<OutboxEntry>
{
    public const int ErrorLength = 500;
    public const int SubjectLength = 220;

    public void Configure(EntityTypeBuilder<OutboxEntry> entry)
    {
        entry.ToTable("Outbox");
        entry.Property(e => e.Id).ValueGeneratedNever();
        entry.Property(e => e.TemplateKey).HasMaxLength(MailTemplateConfiguration.KeyLength);
        entry.Property(e => e.RecipientAddress).HasMaxLength(AccountName.EmailLength);
        entry.Property(e => e.RecipientName).HasMaxLength(PortalUser.NameLength);
        entry.Property(e => e.Subject).HasMaxLength(SubjectLength);
        entry.Property(e => e.MessageId).HasMaxLength(320);
        entry.Property(e => e.State).HasConversion<int>();
        entry.Property(e => e.LastError).HasMaxLength(ErrorLength);
        // Only what waits: the sender's look costs the same after a million sent messages.
        entry.HasIndex(e => new { e.NextAttemptAt, e.Id }).HasFilter("\"State\" = 0");
        entry.HasIndex(e => new { e.CreatedAt, e.Id });
        entry.HasIndex(e => new { e.State, e.CreatedAt, e.Id });
    }
}
