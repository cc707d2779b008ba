using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpenCrm.Portal.Mail;

/// <summary>A text that a template once had (spec 6.1). Its key is what two administrators collide on: each version is written by one of them.</summary>
public sealed class MailTemplateVersion
{
    /// <summary>Of <see cref="TemplateCatalogue"/>.</summary>
    public required string Key { get; init; }

    /// <summary>From 1, without gaps; also a reset to the default is one.</summary>
    public int Version { get; init; }

    public required string Subject { get; init; }

    public required string HtmlBody { get; init; }

    public required string TextBody { get; init; }

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

    /// <summary>Back to what comes with the portal.</summary>
    Reset = 1,

    /// <summary>An older version taken up again.</summary>
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
        version.ToTable("MailTemplateVersions").HasKey(v => new { v.Key, v.Version });
        version.Property(v => v.Key).HasMaxLength(MailTemplateConfiguration.KeyLength);
        version.Property(v => v.Subject).HasMaxLength(MailTemplateConfiguration.SubjectLength);
        version.Property(v => v.HtmlBody).HasMaxLength(MailTemplateConfiguration.BodyLength);
        version.Property(v => v.TextBody).HasMaxLength(MailTemplateConfiguration.BodyLength);
        version.Property(v => v.Change).HasConversion<int>();
        version.Property(v => v.Parts).HasConversion<int>();
        version.Property(v => v.SavedBy).HasMaxLength(200);
    }
}
