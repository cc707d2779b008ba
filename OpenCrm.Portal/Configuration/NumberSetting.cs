using System.Globalization;
using System.Linq.Expressions;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>A setting that is a whole number.</summary>
/// <param name="range">The least and the most that is accepted, both included.</param>
public sealed class NumberSetting<TBlock>(Expression<Func<TBlock, int>> property, Range range, Func<string> label)
    : Setting<TBlock, int>(property, label)
    where TBlock : class, ISettingsBlock
{
    public override IEqualityComparer<string> Same => WholeNumber.Same;

    public override bool Accepts(string typed, TBlock stored) =>
        WholeNumber.Parse(typed) is { } number && number >= range.Start.Value && number <= range.End.Value;

    public override string Refusal(string typed) => Phrase.Of(Texts.Configuration_WholeNumber, range.Start.Value, range.End.Value);

    protected override string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    protected override int Value(string typed) => WholeNumber.Parse(typed)!.Value;
}

/// <summary>Reads whole numbers as people type and paste them: spaces around and inside do not matter, anything else is no number.</summary>
internal static class WholeNumber
{
    /// <summary>Compares texts by their number: "5" and " 05" are equal. Texts that are no numbers are compared character by character.</summary>
    public static readonly IEqualityComparer<string> Same = EqualityComparer<string>.Create(
        (one, other) => one == other || (one is not null && other is not null && Parse(one) is { } number && number == Parse(other)),
        text => Parse(text)?.GetHashCode() ?? text.GetHashCode(StringComparison.Ordinal));

    /// <summary>The number that was typed; null if the text is none.</summary>
    public static int? Parse(string typed)
    {
        // No number is longer, and copying a megabyte would waste memory.
        if (typed.Length > 32) return null;
        var digits = string.Concat(typed.Where(c => !char.IsWhiteSpace(c)));
        return digits.Length > 0 && digits.All(char.IsAsciiDigit)
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number : null;
    }
}
