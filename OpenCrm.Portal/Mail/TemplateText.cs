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

    public static TemplateText Of(MailTemplate stored) => new(stored.Subject, stored.HtmlBody, stored.TextBody);

    internal static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Mail/{name}.liquid")
            ?? throw new InvalidOperationException($"The template {name} is missing from the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
