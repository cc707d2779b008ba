namespace OpenCrm.Portal.Help;

/// <summary>The subject of spec 10.1 in the portal's own words.</summary>
public sealed partial class MfaArticle
{
    private async Task FocusAsync(HelpTopic topic)
    {
        if (parts[(int)topic] is { } part) await part.FocusAsync();
    }
}
