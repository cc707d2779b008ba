using System.Linq.Expressions;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Configuration;

/// <summary>A setting that is one of a few named values.</summary>
/// <param name="name">The name of a value in the current language.</param>
public sealed class ChoiceSetting<TBlock, TValue>(Expression<Func<TBlock, TValue>> property, Func<string> label, Func<TValue, string> name)
    : Setting<TBlock, TValue>(property, label)
    where TBlock : class, ISettingsBlock
    where TValue : struct, Enum
{
    public override IReadOnlyList<Choice> Choices => [.. Enum.GetValues<TValue>().Select(value => new Choice(value.ToString(), name(value)))];

    public override bool Accepts(string typed, TBlock stored) => Enum.GetNames<TValue>().Contains(typed, StringComparer.Ordinal);

    /// <summary>Always empty: a choice cannot be typed wrongly.</summary>
    public override string Refusal(string typed) => "";

    public override string Words(string text) => Enum.TryParse<TValue>(text, out var value) ? name(value) : text;

    protected override string Text(TValue value) => value.ToString();

    protected override TValue Value(string typed) => Enum.Parse<TValue>(typed);
}
