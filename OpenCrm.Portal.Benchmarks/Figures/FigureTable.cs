using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Benchmarks.Figures;

/// <summary>Writes the figures of each verb's last run into a page, between two marks.</summary>
internal static class FigureTable
{
    private const string Begin = "<!-- table: begin -->", End = "<!-- table: end -->";

    public static async Task WriteAsync(string page)
    {
        var text = await File.ReadAllTextAsync(page);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (from < 0 || to < from) throw new InvalidOperationException($"{page} has no place for the table: {Begin} … {End}");
        await File.WriteAllTextAsync(page, text[..(from + Begin.Length)] + "\n" + Table(Report.ReadAll()) + text[to..]);
    }

    private static string Table(IReadOnlyList<Kept> kept)
    {
        var table = new StringBuilder();
        table.Append("| goal | what | figure | compared with | ratio | limit | | verb |\n|---|---|---|---|---|---|---|---|\n");
        var rows = kept.SelectMany(run => run.Figures.Select((figure, at) => (run, figure, at))).OrderBy(row => row.figure.Goal);
        foreach (var (run, figure, _) in rows)
            table.Append(CultureInfo.InvariantCulture,
                $"| {figure.Goal} | {figure.What} | {figure.Text()} | {Compared(figure)} | {Ratio(figure)} | {figure.LimitText} | "
                + $"{Verdict(figure)} | `{run.Verb}` |\n");
        table.Append("\nEach row is of the last run of its verb:\n\n");
        foreach (var run in kept)
            table.Append(CultureInfo.InvariantCulture, $"- `{run.Command}`, {run.At:d MMM yyyy, HH:mm} UTC: {run.Machine}\n");
        return table.ToString();
    }

    private static string Compared(Figure figure) =>
        figure is { Against: { } against, Compared: { } compared } ? $"{against} {Figure.Number(compared)} {figure.Unit}" : "";

    private static string Ratio(Figure figure) => figure.Ratio is { } ratio ? Figure.Number(ratio) : "";

    private static string Verdict(Figure figure) => figure.Holds switch { true => "holds", false => "**missed**", null => "" };
}
