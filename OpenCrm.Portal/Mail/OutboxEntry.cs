using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>One message, written with the change that it reports and sent afterwards (docs/spec.md 7.1).</summary>
public sealed class OutboxEntry
{
    /// <summary>A UUID of version 7, so that rows are stored in order of time.</summary>
    public Guid Id { get; init; }

    public required string TemplateKey { get; init; }

    public required string RecipientAddress { get; init; }

    public required string RecipientName { get; init; }

    /// <summary>The recipient's language when the message was written: that of the merge values, of the template and of the frame.</summary>
    public string Language { get; init; } = Languages.English.Name;

    /// <summary>The merge values as encrypted JSON: some hold live links, which a stolen database must not reveal.</summary>
    public required byte[] ProtectedPayload { get; init; }

    /// <summary>
    /// The text to send instead of the stored template, encrypted like the values; null for the stored one. Only a test of an unsaved text has it.
    /// </summary>
    public byte[]? ProtectedText { get; init; }

    /// <summary>
    /// The subject at the last attempt; null before the first. It can be shown, because no subject may hold a link
    /// (<see cref="TemplateFault.SecretInSubject"/>).
    /// </summary>
    public string? Subject { get; set; }

    /// <summary>Assigned at the first attempt and kept, so that a receiver recognizes a message that arrives twice.</summary>
    public string? MessageId { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public OutboxState State { get; set; } = OutboxState.Waiting;

    public int Attempts { get; set; }

    /// <summary>How many of the attempts the mail server refused for good.</summary>
    public int Refusals { get; set; }

    public DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>A failure from this time on is the last one.</summary>
    public DateTimeOffset GiveUpAt { get; set; }

    /// <summary>Until when a sender holds the message. After that the sender is taken for dead. Null if none holds it.</summary>
    public DateTimeOffset? ClaimedUntil { get; set; }

    /// <summary>Id of the claim, new for each batch; null if there is none.</summary>
    public Guid? ClaimedBy { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>Why the last attempt failed, without links and values; null if it did not.</summary>
    public string? LastError { get; set; }
}

/// <summary>The state of a message.</summary>
public enum OutboxState
{
    Waiting = 0,
    Sent = 1,

    /// <summary>Given up after a day, or refused twice; an administrator can send it again.</summary>
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
        // Messages of before this column were written in English.
        entry.Property(e => e.Language).HasMaxLength(PortalUser.LanguageLength).HasDefaultValue(Languages.English.Name).ValueGeneratedNever();
        entry.Property(e => e.Subject).HasMaxLength(SubjectLength);
        entry.Property(e => e.MessageId).HasMaxLength(320);
        entry.Property(e => e.State).HasConversion<int>();
        entry.Property(e => e.LastError).HasMaxLength(ErrorLength);
        // Holds only waiting messages, so that looking for due ones costs the same after a million sent messages.
        entry.HasIndex(e => new { e.NextAttemptAt, e.Id }).HasFilter("\"State\" = 0");
        entry.HasIndex(e => new { e.CreatedAt, e.Id });
        entry.HasIndex(e => new { e.State, e.CreatedAt, e.Id });
    }
}
