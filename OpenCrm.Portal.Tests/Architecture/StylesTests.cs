using System.Text.RegularExpressions;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Architecture;

/// <summary>Styles are beside their component, none is unused, and the page loads one sheet.</summary>
public sealed partial class StylesTests
{
    /// <summary>base.css holds what belongs to no single component. It has to stay short enough to read through.</summary>
    private const int MostLinesOfBase = 400;

    private static readonly string Project = Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal");

    public static TheoryData<string> Sheets => [.. Files("css").Select(file => Path.GetRelativePath(Project, file))];

    [Theory]
    [MemberData(nameof(Sheets))]
    public void Every_class_of_a_sheet_is_worn(string sheet)
    {
        var css = Comment().Replace(File.ReadAllText(Path.Combine(Project, sheet)), "");
        var heads = string.Join('\n', Head().Matches(css).Select(match => match.Value));
        // Classes of MudBlazor are not ours.
        var unworn = Class().Matches(heads)
            .Select(match => match.Groups[1].Value)
            .Where(name => !name.StartsWith("mud-", StringComparison.Ordinal))
            .Distinct().Where(name => !IsWorn(name));
        Assert.Empty(unworn);
    }

    [Fact]
    public void No_component_writes_a_style_into_its_markup() =>
        Assert.DoesNotContain(Files("razor"), file => File.ReadAllText(file).Contains(" style=", StringComparison.Ordinal));

    [Fact]
    public void The_base_stays_short() =>
        Assert.InRange(File.ReadAllLines(Path.Combine(Project, "wwwroot", "base.css")).Length, 1, MostLinesOfBase);

    [Fact]
    public void Each_sheet_and_script_beside_a_component_has_its_component_and_no_two_share_a_name()
    {
        var beside = Files("razor.css").Concat(Files("razor.js")).ToList();
        Assert.All(beside, file => Assert.True(File.Exists(Path.ChangeExtension(file, null)), file));
        // The scope of a style is the name of its component, so two components of one name would share it.
        Assert.Empty(
            Files("razor.css").GroupBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public async Task The_page_asks_for_one_sheet_in_which_tokens_and_base_come_first()
    {
        await using var portal = await PortalHost.StartAsync();
        using var client = portal.CreateClient();
        var page = await client.GetStringAsync("/login");
        // No sheet of a library: nobody who signs in needs one.
        var css = await client.GetStringAsync("/" + Assert.Single(Sheet().Matches(page)).Groups[1].Value);
        int At(string text) => css.IndexOf(text, StringComparison.Ordinal);
        var (tokens, shared, component) = (At("--font-mono:"), At(":focus-visible"), At(".alert[b-alert]"));
        Assert.True(tokens >= 0 && tokens < shared && shared < component, $"{tokens}, {shared}, {component}");
    }

    private static readonly Lazy<string> Markup = new(
        () => string.Join('\n', Files("razor").Concat(Files("cs")).Concat(Files("js")).Select(File.ReadAllText)));

    /// <summary>True where the class is written out, or composed from the name of an enum value: "status--@Kind…".</summary>
    private static bool IsWorn(string name)
    {
        if (Regex.IsMatch(Markup.Value, $@"(?<![\w-]){Regex.Escape(name)}(?![\w-])")) return true;
        var variant = name.IndexOf("--", StringComparison.Ordinal);
        return variant > 0
            && Regex.IsMatch(Markup.Value, $@"(?<![\w-]){Regex.Escape(name[..variant])}--(@[Kk]ind|{{Kind)")
            && Kinds.Contains(name[(variant + 2)..]);
    }

    private static readonly HashSet<string> Kinds =
        [.. Enum.GetNames<AlertKind>().Concat(Enum.GetNames<StatusKind>()).Select(name => name.ToLowerInvariant())];

    private static IEnumerable<string> Files(string extension) =>
        Directory.EnumerateFiles(Project, $"*.{extension}", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Project, file).Split('/')[0].StartsWith("obj", StringComparison.Ordinal)
                && Path.GetRelativePath(Project, file).Split('/')[0] is not "bin" and not "App_Data");

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex("[^{};]+(?=\\{)")]
    private static partial Regex Head();

    [GeneratedRegex(@"\.(-?[A-Za-z_][\w-]*)")]
    private static partial Regex Class();

    [GeneratedRegex("<link rel=\"stylesheet\" href=\"([^\"]+)\"")]
    private static partial Regex Sheet();
}
