using System.Globalization;
using System.Linq.Expressions;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// A setting that is a color on which white can be read, and which can be read on white (WCAG 2.2, 1.4.3); empty for the portal's own.
/// </summary>
public sealed class ColourSetting<TBlock>(Expression<Func<TBlock, string?>> property, Func<string> label) : Setting<TBlock, string?>(property, label)
    where TBlock : class, ISettingsBlock
{
    private const string Own = "#2f4bc7";

    private static readonly IEqualityComparer<string> SameColour = EqualityComparer<string>.Create(
        (one, other) => Meaning(one) == Meaning(other), text => Meaning(text)?.GetHashCode(StringComparison.Ordinal) ?? 0);

    /// <summary>The portal's own color, shown where none is typed.</summary>
    public string Example => Own;

    public override IEqualityComparer<string> Same => SameColour;

    public override bool Accepts(string typed, TBlock stored) =>
        typed.Trim().Length == 0 || Colour.Parse(typed) is { } colour && colour.IsReadableOn(Colour.White);

    public override string Refusal(string typed) => Colour.Parse(typed) is { } colour
        ? Phrase.Of(Texts.Configuration_AccentPale, Ratio(colour.ContrastWith(Colour.White)), Ratio(Colour.ReadableContrast))
        : Phrase.Of(Texts.Configuration_AccentInvalid, Own);

    protected override string Text(string? value) => value ?? "";

    protected override string? Value(string typed) => Colour.Parse(typed)?.Hex;

    /// <summary>The color that a picker shows for what is typed: it knows six digits only.</summary>
    public string Picked(string typed) => Colour.Parse(typed)?.Hex ?? Own;

    /// <summary>Rounded down: a color that falls short by a hair must not read as if it did not.</summary>
    private static string Ratio(double contrast) => (Math.Floor(contrast * 10) / 10).ToString("0.0", CultureInfo.CurrentCulture);

    private static string? Meaning(string? text) => Colour.Parse(text)?.Hex ?? text?.Trim();
}
