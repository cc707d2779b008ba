using System.Globalization;

namespace OpenCrm.Portal.Benchmarks.Figures;

/// <summary>How a figure is judged.</summary>
internal enum Measure
{
    /// <summary>The figure itself may be at most the limit.</summary>
    AtMost,

    /// <summary>The figure may be at most so many times what it is compared with.</summary>
    RatioAtMost,

    /// <summary>The figure must be at least so many times what it is compared with.</summary>
    RatioAtLeast,

    /// <summary>Said only; nothing is required.</summary>
    None,
}

/// <summary>One figure of one run.</summary>
/// <param name="Goal">Of the fourteen goals that README.md lists.</param>
/// <param name="Spread">Least and most of what the figure is the median of; null for a single one.</param>
/// <param name="Against">What it is compared with; null for nothing.</param>
internal sealed record Figure(
    int Goal, string What, double Value, string Unit, Spread? Spread = null, string? Against = null, double? Compared = null,
    Measure Measure = Measure.None, double? Limit = null)
{
    public double? Ratio => Compared is > 0 ? Value / Compared : null;

    public bool? Holds => (Measure, Limit) switch
    {
        (Measure.AtMost, { } limit) => Value <= limit,
        (Measure.RatioAtMost, { } limit) when Ratio is { } ratio => ratio <= limit,
        (Measure.RatioAtLeast, { } limit) when Ratio is { } ratio => ratio >= limit,
        _ => null,
    };

    public string LimitText => (Measure, Limit) switch
    {
        (Measure.AtMost, { } limit) => $"≤ {Number(limit)} {Unit}",
        (Measure.RatioAtMost, { } limit) => $"≤ {Number(limit)}×",
        (Measure.RatioAtLeast, { } limit) => $"≥ {Number(limit)}×",
        _ => "",
    };

    public string Verdict => Holds switch { true => "holds", false => "missed", null => "" };

    public static string Number(double value) => value.ToString(
        Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);

    /// <summary>The figure with its spread.</summary>
    public string Text() => $"{Number(Value)} {Unit}" + (Spread is { } s ? $" ({Number(s.Least)}–{Number(s.Most)})" : "");

    public override string ToString()
    {
        var compared = Compared is { } other ? $" | {Against} {Number(other)} {Unit} | ratio {Number(Ratio ?? 0)}" : "";
        var limit = Holds is null ? "" : $" | {LimitText}: {Verdict}";
        return $"goal {Goal} | {What} | {Text()}{compared}{limit}";
    }
}

/// <summary>The least and the most of some runs.</summary>
internal sealed record Spread(double Least, double Most);
