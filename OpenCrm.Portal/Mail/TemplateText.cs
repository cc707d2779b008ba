using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;

namespace OpenCrm.Portal.Mail;

/// <summary>The three parts that an administrator may edit, in Liquid.</summary>
/// <param name="Text">Null for a text that is made from the HTML of each mail.</param>
public sealed record TemplateText(string Subject, string Html, string? Text)
{
    private static readonly ConcurrentDictionary<(string Key, CultureInfo Language), TemplateText> Defaults = new();

    /// <summary>Returns the English text that comes with the portal.</summary>
    public static TemplateText Default(TemplateDefinition template) => Default(template, Languages.English);

    /// <summary>Returns the text of a language that comes with the portal.</summary>
    public static TemplateText Default(TemplateDefinition template, CultureInfo language) => Defaults.GetOrAdd((template.Key, language), found =>
        new(Read($"{found.Key}.subject", found.Language).TrimEnd(), Read($"{found.Key}.html", found.Language), Text: null));

    /// <summary>The most characters that a part may hold (docs/spec.md 6.1).</summary>
    public const int SubjectLength = MailTemplateConfiguration.SubjectLength, BodyLength = MailTemplateConfiguration.BodyLength;

    public static TemplateText Of(MailTemplate stored) => new(stored.Subject, stored.HtmlBody, Written(stored.TextBody));

    public static TemplateText Of(MailTemplateVersion version) => new(version.Subject, version.HtmlBody, Written(version.TextBody));

    /// <summary>Returns the parts that differ.</summary>
    public TemplateParts DifferenceTo(TemplateText other) =>
        (Subject == other.Subject ? 0 : TemplateParts.Subject)
        | (Html == other.Html ? 0 : TemplateParts.Html)
        | (Text == other.Text ? 0 : TemplateParts.Text);

    /// <summary>Returns only the length: a text of 60,000 characters does not belong in a log.</summary>
    public override string ToString() => $"Template text of {Subject.Length + Html.Length + (Text?.Length ?? 0)} characters";

    private static string? Written(string? stored) => string.IsNullOrEmpty(stored) ? null : stored;

    /// <summary>Reads a text that each language has. The English ones stand in the folder of the templates, the others in folders below.</summary>
    internal static string Read(string name, CultureInfo language) => Read(language == Languages.English ? name : $"{language.Name}/{name}");

    internal static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Mail/{name}.liquid")
            ?? throw new InvalidOperationException($"The template {name} is missing from the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
