using System.Collections.Concurrent;
using System.Reflection;

namespace OpenCrm.Portal.Mail;

/// <summary>The three parts that an administrator may edit, in Liquid.</summary>
public sealed record TemplateText(string Subject, string Html, string Text)
{
    private static readonly ConcurrentDictionary<string, TemplateText> Defaults = new();

    /// <summary>What comes with the portal.</summary>
    public static TemplateText Default(TemplateDefinition template) => Defaults.GetOrAdd(template.Key, key =>
        new(Read($"{key}.subject").TrimEnd(), Read($"{key}.html"), Read($"{key}.text")));

    /// <summary>The most that a part may hold (spec 6.1).</summary>
    public const int SubjectLength = MailTemplateConfiguration.SubjectLength, BodyLength = MailTemplateConfiguration.BodyLength;

    public static TemplateText Of(MailTemplate stored) => new(stored.Subject, stored.HtmlBody, stored.TextBody);

    public static TemplateText Of(MailTemplateVersion version) => new(version.Subject, version.HtmlBody, version.TextBody);

    /// <summary>What differs between the two.</summary>
    public TemplateParts DifferenceTo(TemplateText other) =>
        (Subject == other.Subject ? 0 : TemplateParts.Subject) | (Html == other.Html ? 0 : TemplateParts.Html) | (Text == other.Text ? 0 : TemplateParts.Text);

    /// <summary>Its length only: a text of 60,000 characters is no line of a log.</summary>
    public override string ToString() => $"Template text of {Subject.Length + Html.Length + Text.Length} characters";

    internal static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Mail/{name}.liquid")
            ?? throw new InvalidOperationException($"The template {name} is missing from the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
