using System.Linq.Expressions;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Configuration;

/// <summary>A setting that is on or off.</summary>
public sealed class TickSetting<TBlock>(Expression<Func<TBlock, bool>> property, Func<string> label) : Setting<TBlock, bool>(property, label)
    where TBlock : class, ISettingsBlock
{
    public override bool Accepts(string typed, TBlock stored) => typed == OnOff.Text(on: true) || typed == OnOff.Text(on: false);

    /// <summary>Always empty: a tick cannot be typed wrongly.</summary>
    public override string Refusal(string typed) => "";

    public override string Words(string text) => OnOff.IsOn(text) ? Texts.Configuration_On : Texts.Configuration_Off;

    protected override string Text(bool value) => OnOff.Text(value);

    protected override bool Value(string typed) => OnOff.IsOn(typed);
}

/// <summary>Converts ticks to text and back.</summary>
internal static class OnOff
{
    public static string Text(bool on) => on ? bool.TrueString : bool.FalseString;

    public static bool IsOn(string text) => text == bool.TrueString;
}
