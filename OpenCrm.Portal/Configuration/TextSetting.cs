using System.Linq.Expressions;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Configuration;

/// <summary>A line of text that is not left empty; spaces around it are dropped.</summary>
/// <param name="longest">How many characters fit.</param>
/// <param name="refusal">What is read at the field when there are none or too many.</param>
public sealed class TextSetting<TBlock>(Expression<Func<TBlock, string>> property, int longest, Func<string> label, Func<string> refusal) : Setting<TBlock, string>(property, label)
    where TBlock : class, ISettingsBlock
{
    /// <summary>How many characters fit.</summary>
    public int Longest => longest;

    public override bool Accepts(string typed, TBlock stored) => Value(typed) is var text && text.Length > 0 && text.Length <= longest && IncomingText.IsLine(text);

    /// <summary>What is not seen is told as such: the field looks right.</summary>
    public override string Refusal(string typed) => IncomingText.IsLine(Value(typed)) ? refusal() : Texts.Text_Unreadable;

    protected override string Text(string value) => value;

    protected override string Value(string typed) => typed.Trim();
}
