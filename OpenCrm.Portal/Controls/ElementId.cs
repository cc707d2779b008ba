using System.Globalization;

namespace OpenCrm.Portal.Controls;

/// <summary>Makes ids that tie a label, a hint or an error to its field. They are unique in the process, and so in the page.</summary>
public static class ElementId
{
    private static long _last;

    public static string Next(string prefix) =>
        prefix + Interlocked.Increment(ref _last).ToString("x", CultureInfo.InvariantCulture);
}
