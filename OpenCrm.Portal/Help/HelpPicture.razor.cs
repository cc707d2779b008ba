namespace OpenCrm.Portal.Help;

/// <summary>A picture of the article, in the reader's language and in the theme of the page.</summary>
public sealed partial class HelpPicture(HelpShots shots)
{
    private List<(ShotFile File, bool Dark)> files = [];

    protected override void OnParametersSet()
    {
        files = [];
        foreach (var dark in new[] { false, true })
            if (shots.Find(Shot, dark) is { } file)
                files.Add((file, dark));
    }
}
