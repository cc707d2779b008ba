using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// A template as an administrator edited it. Where no row exists, the default that comes with the portal is used (docs/spec.md 6.1).
/// </summary>
public sealed class MailTemplate
{
    /// <summary>Key of a template of <see cref="TemplateCatalogue"/>.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// The name of the language of this text. Each language is edited by itself; what was edited before there were several is English.
    /// </summary>
    public string Language { get; init; } = Languages.English.Name;

    public required string Subject { get; set; }

    public required string HtmlBody { get; set; }

    /// <summary>Null if the text is made from the HTML of each mail.</summary>
    public required string? TextBody { get; set; }

    /// <summary>Grows with each save. A save on top of an older version is refused.</summary>
    public int Version { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public required string ChangedBy { get; set; }

    /// <summary>When a mail with this text last failed, so that the default was sent instead; null if none has failed since the last save.</summary>
    public DateTimeOffset? FailedAt { get; set; }

    /// <summary>Why it failed, without merge values.</summary>
    public string? Failure { get; set; }
}

internal sealed class MailTemplateConfiguration : IEntityTypeConfiguration<MailTemplate>
{
    public const int KeyLength = 40;
    public const int SubjectLength = 500;

    /// <summary>In characters.</summary>
    public const int BodyLength = 60_000;

    public void Configure(EntityTypeBuilder<MailTemplate> template)
    {
        template.ToTable("MailTemplates").HasKey(t => new { t.Key, t.Language });
        template.Property(t => t.Key).HasMaxLength(KeyLength);
        template.Property(t => t.Language).HasMaxLength(PortalUser.LanguageLength).HasDefaultValue(Languages.English.Name).ValueGeneratedNever();
        template.Property(t => t.Subject).HasMaxLength(SubjectLength);
        template.Property(t => t.HtmlBody).HasMaxLength(BodyLength);
        template.Property(t => t.TextBody).HasMaxLength(BodyLength);
        template.Property(t => t.Version).IsConcurrencyToken();
        template.Property(t => t.ChangedBy).HasMaxLength(200);
        template.Property(t => t.Failure).HasMaxLength(OutboxEntryConfiguration.ErrorLength);
    }
}
