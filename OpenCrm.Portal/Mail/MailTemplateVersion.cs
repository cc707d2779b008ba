using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// A text that a template has or once had (docs/spec.md 6.1). Two administrators who save on top of the same version collide in its key, so that only
/// one of them writes it.
/// </summary>
public sealed class MailTemplateVersion
{
    /// <summary>Key of a template of <see cref="TemplateCatalogue"/>.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// The name of the language of this text. Each language is edited by itself; what was edited before there were several is English.
    /// </summary>
    public string Language { get; init; } = Languages.English.Name;

    /// <summary>Counts from 1, without gaps. A reset to the default is a version too.</summary>
    public int Version { get; init; }

    public required string Subject { get; init; }

    public required string HtmlBody { get; init; }

    /// <summary>Null if the text is made from the HTML of each mail.</summary>
    public required string? TextBody { get; init; }

    public TemplateChange Change { get; init; }

    /// <summary>What differs from the version before.</summary>
    public TemplateParts Parts { get; init; }

    public DateTimeOffset SavedAt { get; init; }

    public required string SavedBy { get; init; }
}

/// <summary>How a version came about.</summary>
public enum TemplateChange
{
    Saved = 0,

    /// <summary>Reset to the default that comes with the portal.</summary>
    Reset = 1,

    /// <summary>An older version saved again.</summary>
    Restored = 2,
}

/// <summary>The parts of a template.</summary>
[Flags]
public enum TemplateParts
{
    None = 0,
    Subject = 1,
    Html = 2,
    Text = 4,
}

internal sealed class MailTemplateVersionConfiguration : IEntityTypeConfiguration<MailTemplateVersion>
{
    public void Configure(EntityTypeBuilder<MailTemplateVersion> version)
    {
        version.ToTable("MailTemplateVersions").HasKey(v => new { v.Key, v.Language, v.Version });
        version.Property(v => v.Key).HasMaxLength(MailTemplateConfiguration.KeyLength);
        version.Property(v => v.Language).HasMaxLength(PortalUser.LanguageLength).HasDefaultValue(Languages.English.Name).ValueGeneratedNever();
        version.Property(v => v.Subject).HasMaxLength(MailTemplateConfiguration.SubjectLength);
        version.Property(v => v.HtmlBody).HasMaxLength(MailTemplateConfiguration.BodyLength);
        version.Property(v => v.TextBody).HasMaxLength(MailTemplateConfiguration.BodyLength);
        version.Property(v => v.Change).HasConversion<int>();
        version.Property(v => v.Parts).HasConversion<int>();
        version.Property(v => v.SavedBy).HasMaxLength(200);
    }
}
