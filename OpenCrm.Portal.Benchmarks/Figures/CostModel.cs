using System.Globalization;
using System.Text;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Figures;

/// <summary>
/// From the figures of one machine to how many nodes a company needs on a Monday morning; written into docs/operations.md between two marks. It is
/// arithmetic, not a measurement: what it assumes stands beside it.
/// </summary>
internal static class CostModel
{
    private const string Begin = "<!-- nodes: begin -->", End = "<!-- nodes: end -->";

    /// <summary>Of all users, how many have the portal open at the busiest moment.</summary>
    private const double Present = 0.3;

    /// <summary>Of these, how many sign in within the busiest quarter of an hour.</summary>
    private const double SignIn = 0.6;

    /// <summary>Clicks a minute of somebody who has a page open.</summary>
    private const double Clicks = 2;

    /// <summary>Above this part of its cores a node lets people wait; the rest is for garbage collection and bad luck.</summary>
    private const double Busy = 0.6;

    private const int Cores = 4;

    /// <summary>Memory of a node that pages may take, in GiB.</summary>
    private const double Memory = 12;

    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    public static async Task WriteAsync()
    {
        var page = Path.Combine(PublishedPortal.RepositoryRoot, "docs", "operations.md");
        var text = await File.ReadAllTextAsync(page);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (from < 0 || to < from) throw new InvalidOperationException($"{page} has no place for the nodes: {Begin} … {End}");
        await File.WriteAllTextAsync(page, text[..(from + Begin.Length)] + "\n" + Table(Report.ReadAll()) + text[to..]);
    }

    private static string Table(IReadOnlyList<Kept> kept)
    {
        var signIn = Measured(kept, "throughput", "processor time of such a sign-in") / 1000;
        var click = Measured(kept, "events", "a click on the user list") / 1000;
        // Resident memory grows with what is managed; that of a page that is in use is the list's.
        var circuit = Measured(kept, "circuits", "user list, managed memory a circuit") / (1 << 20);
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture,
            $"Assumed: {Present:0%} of all users have a page open, {SignIn:0%} of these sign in within {Quarter.TotalMinutes} minutes ");
        table.Append(CultureInfo.InvariantCulture,
            $"(8:58 on Monday), each clicks {Clicks} times a minute; a node of {Cores} cores is {Busy:0%} busy and gives {Memory} GiB ");
        table.Append("to pages; one node more than needed, so that one may fail. ");
        table.Append(CultureInfo.InvariantCulture,
            $"Measured: {signIn * 1000:0} ms of processor time a sign-in with code, {click * 1000:0.0} ms a click, ");
        table.Append(CultureInfo.InvariantCulture, $"{circuit * 1024:0.00} MiB a page. ");
        table.Append("The database is a machine of its own.\n\n");
        table.Append("| users | sign-ins a second | open pages | cores busy | memory of pages | nodes |\n|---|---|---|---|---|---|\n");
        foreach (var users in new[] { 10_000, 100_000, 1_000_000 })
        {
            var open = users * Present;
            var rate = open * SignIn / Quarter.TotalSeconds;
            var cores = rate * signIn + open * Clicks / 60 * click;
            var nodes = Math.Max(Math.Ceiling(cores / (Cores * Busy)), Math.Ceiling(open * circuit / Memory)) + 1;
            table.Append(CultureInfo.InvariantCulture,
                $"| {users:N0} | {rate:0.0} | {open:N0} | {cores:0.0} | {open * circuit:0.0} GiB | {nodes:0} |\n");
        }
        return table.ToString();
    }

    private static double Measured(IReadOnlyList<Kept> kept, string verb, string what) =>
        kept.Where(run => run.Verb == verb).SelectMany(run => run.Figures)
            .FirstOrDefault(figure => figure.What.StartsWith(what, StringComparison.Ordinal))?.Value
        ?? throw new InvalidOperationException($"{Report.Folder} holds no figure \"{what}\": run the verb {verb} first");
}
