using System.Globalization;

namespace OpenCrm.Portal.Controls;

/// <summary>Fills the {0}, {1} of a text. One place, because a text that is looked up per culture cannot be parsed once and kept.</summary>
public static class Phrase
{
    public static string Of(string text, params object?[] values) => Of(CultureInfo.CurrentCulture, text, values);

    public static string Of(CultureInfo culture, string text, params object?[] values) => string.Format(culture, text, values);
}
