using System.Linq.Expressions;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Configuration;

/// <summary>A setting that is a line of text; spaces around it are dropped.</summary>
/// <param name="longest">The most characters that are accepted.</param>
/// <param name="refusal">The error at the field when the text is empty or too long.</param>
public sealed class TextSetting<TBlock>(Expression<Func<TBlock, string>> property, int longest, Func<string> label, Func<string> refusal)
    : Setting<TBlock, string>(property, label)
    where TBlock : class, ISettingsBlock
{
    /// <summary>The most characters that are accepted.</summary>
    public int Longest => longest;

    /// <summary>Whether nothing needs to be typed.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>What else a text that is not empty must be; null if every line will do.</summary>
    public Func<string, bool>? MustBe { get; init; }

    public override bool Accepts(string typed, TBlock stored) =>
        Value(typed) is var text
        && (text.Length == 0 ? MayBeEmpty : text.Length <= longest && IncomingText.IsLine(text) && MustBe?.Invoke(text) != false);

    /// <summary>Invisible characters have a text of their own, because the field looks right.</summary>
    public override string Refusal(string typed) => IncomingText.IsLine(Value(typed)) ? refusal() : Texts.Text_Unreadable;

    protected override string Text(string value) => value;

    protected override string Value(string typed) => typed.Trim();
}
