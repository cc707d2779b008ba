namespace OpenCrm.Portal.Benchmarks.Figures;

/// <summary>The same thing measured several times.</summary>
internal sealed class Runs
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public IReadOnlyList<double> All => _values;

    public double Median => At(50);

    public Spread Spread => new(_values.Min(), _values.Max());

    public void Add(double value)
    {
        lock (_values) _values.Add(value);
    }

    public void AddRange(IEnumerable<double> values)
    {
        lock (_values) _values.AddRange(values);
    }

    /// <summary>The value below which so many in a hundred are.</summary>
    public double At(int percent)
    {
        if (_values.Count == 0) return double.NaN;
        var sorted = _values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
    }
}
