using System.Globalization;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// A clock that stands still and is moved by hand, shared with the portal's process by a file. Timers go on as always, so that workers work.
/// </summary>
internal sealed class LookClock(string file) : TimeProvider
{
    /// <summary>The environment variable that tells the portal the file.</summary>
    public const string Variable = "LOOKS_CLOCK";

    /// <summary>A Monday morning.</summary>
    private static readonly DateTimeOffset Start = new(2026, 10, 5, 8, 58, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() =>
        File.Exists(file) ? new(long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture), TimeSpan.Zero) : Start;

    public void Advance(TimeSpan time)
    {
        // Renamed into its place: the portal never reads half a number.
        File.WriteAllText(file + ".new", (GetUtcNow() + time).Ticks.ToString(CultureInfo.InvariantCulture));
        File.Move(file + ".new", file, overwrite: true);
    }
}
