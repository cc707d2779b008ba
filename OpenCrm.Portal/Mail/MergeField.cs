using System.Globalization;

namespace OpenCrm.Portal.Mail;

/// <summary>A value that a template may show, by its name in Liquid.</summary>
/// <param name="Sample">What the preview and a test message show.</param>
/// <param name="Required">Whether a template without it would be useless, such as an invitation without its link.</param>
/// <param name="HoldsToken">Whether anybody who has the value can act in the person's name.</param>
public sealed record MergeField(
    string Name, string Sample, MergeFieldKind Kind = MergeFieldKind.Text, bool Required = false, bool HoldsToken = false)
{
    private readonly DateTimeOffset? _time;

    /// <summary>Makes a field that holds a time, which is written as the language writes it.</summary>
    internal MergeField(string name, DateTimeOffset sample) : this(name, MailTime.Of(sample, Languages.English)) => _time = sample;

    /// <summary>What the preview and a test message of that language show.</summary>
    public string SampleIn(CultureInfo language) => _time is { } time ? MailTime.Of(time, language) : Sample;
}

/// <summary>How the value of a <see cref="MergeField"/> is filled in.</summary>
public enum MergeFieldKind
{
    Text,

    /// <summary>
    /// A path of the portal. It becomes a link on the configured public address when the mail is built. The Host header of the request is never used,
    /// because an attacker can set it (docs/spec.md 3.2).
    /// </summary>
    Link,
}
