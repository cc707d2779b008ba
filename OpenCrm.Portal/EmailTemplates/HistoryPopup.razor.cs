using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>The versions of a template, newest first, each with a button that restores it.</summary>
public sealed partial class HistoryPopup(BrowserTime browser)
{
    /// <summary>
    /// The time of a version, with seconds where another one is of the same minute: the two would look alike, and so would their buttons to whoever
    /// hears them.
    /// </summary>
    private string Time(VersionNote version) =>
        Versions.Any(other => other != version && Minute(other) == Minute(version))
            ? browser.ExactToSecond(version.SavedAt)
            : browser.Exact(version.SavedAt);

    private static long Minute(VersionNote version) => version.SavedAt.UtcTicks / TimeSpan.TicksPerMinute;
}
