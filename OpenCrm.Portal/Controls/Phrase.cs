using System.Globalization;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// Fills the placeholders {0}, {1} of a text. The text differs by culture, so it cannot be parsed once and kept as a composite format.
/// </summary>
public static class Phrase
{
    public static string Of(string text, params object?[] values) => Of(CultureInfo.CurrentCulture, text, values);

    public static string Of(CultureInfo culture, string text, params object?[] values) => string.Format(culture, text, values);
}
