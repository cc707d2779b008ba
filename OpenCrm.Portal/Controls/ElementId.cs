using System.Globalization;

namespace OpenCrm.Portal.Controls;

/// <summary>Ids that tie a label, a hint or an error to its field; unique in the process, so also in the page.</summary>
public static class ElementId
{
    private static long last;

    public static string Next(string prefix) =>
        prefix + Interlocked.Increment(ref last).ToString("x", CultureInfo.InvariantCulture);
}
