using System.Globalization;
using System.Reflection;
using System.Resources;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// A pseudo-locale: for readers in Liechtenstein, where no other test reads, each text of the resource files stands between ⟦ and ⟧. What such a
/// reader sees outside of these marks comes from somewhere else.
/// </summary>
public sealed class MarkedTexts : ResourceManager
{
    public const string Locale = "de-LI", Open = "⟦", Close = "⟧";

    /// <summary>Texts for the program: the name of the language, and patterns of dates.</summary>
    private static readonly string[] NotRead =
    [
        nameof(Texts.Shell_Language), nameof(Texts.Controls_DayMonth), nameof(Texts.Controls_DayMonthYear), nameof(Texts.Mail_Time),
    ];

    private static readonly Lock Gate = new();

    private MarkedTexts() : base("OpenCrm.Portal.Texts", typeof(Texts).Assembly)
    {
    }

    /// <summary>Puts the marks in place, for the rest of the run.</summary>
    public static void Install()
    {
        var field = typeof(Texts).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Single(field => field.FieldType == typeof(ResourceManager));
        lock (Gate)
            if (field.GetValue(null) is not MarkedTexts) field.SetValue(null, new MarkedTexts());
    }

    public override string? GetString(string name) => GetString(name, null);

    public override string? GetString(string name, CultureInfo? culture)
    {
        var text = base.GetString(name, culture);
        return text is null || CultureInfo.CurrentCulture.Name != Locale || NotRead.Contains(name) ? text : $"{Open}{text}{Close}";
    }
}
