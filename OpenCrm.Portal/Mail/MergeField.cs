namespace OpenCrm.Portal.Mail;

/// <summary>A value that a template may show, by its name in Liquid.</summary>
/// <param name="Sample">What the preview and a test message show.</param>
/// <param name="Required">A template without it would be of no use (spec 6.2): a link nobody gets.</param>
/// <param name="HoldsToken">Whoever has the value can act in the person's name.</param>
public sealed record MergeField(string Name, string Sample, MergeFieldKind Kind = MergeFieldKind.Text, bool Required = false, bool HoldsToken = false);

/// <summary>How the value of a <see cref="MergeField"/> is filled in.</summary>
public enum MergeFieldKind
{
    Text,

    /// <summary>A path of the portal. It becomes a link on the configured public address when the mail is built, never on the Host header of whoever asked (spec 3.2).</summary>
    Link,
}
