namespace OpenCrm.Portal.Help;

/// <summary>The article "How do I use Multi-Factor Authentication?" in the portal's own words (docs/spec.md 10.1).</summary>
public sealed partial class MfaArticle
{
    private async Task FocusAsync(HelpTopic topic)
    {
        if (parts[(int)topic] is { } part) await part.FocusAsync();
    }
}
