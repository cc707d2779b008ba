using System.Globalization;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>What stands after a verb: <c>--name value</c>, or <c>--name</c> alone.</summary>
internal sealed class VerbOptions
{
    private readonly Dictionary<string, string> _values = [];

    /// <exception cref="FormatException">An argument is no option.</exception>
    public VerbOptions(IReadOnlyList<string> arguments)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            if (!arguments[at].StartsWith("--", StringComparison.Ordinal)) throw new FormatException($"{arguments[at]} is no option");
            var hasValue = at + 1 < arguments.Count && !arguments[at + 1].StartsWith("--", StringComparison.Ordinal);
            _values[arguments[at][2..]] = hasValue ? arguments[++at] : "";
        }
    }

    /// <summary>
    /// Tiny numbers, and nothing to compare with: whether it runs at all. Such figures say nothing and are not kept with the others.
    /// </summary>
    public bool Tiny => Has("tiny");

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <param name="tiny">The number of a tiny run.</param>
    public int Number(string name, int usual, int tiny) =>
        Text(name) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : Tiny ? tiny : usual;
}
