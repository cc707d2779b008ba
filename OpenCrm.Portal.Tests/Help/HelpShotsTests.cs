using System.Globalization;
using System.Text.RegularExpressions;
using OpenCrm.Portal.Help;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Help;

/// <summary>The pictures that stand in the repository: those of the help article, and those that the README shows.</summary>
public sealed partial class HelpShotsTests
{
    private const int MostBytes = 40_000, MostOfAll = 2_000_000, MostOfScreens = 6_000_000;

    private static readonly string[] Written = ["en", "de"];
    private static readonly bool[] Themes = [false, true];
    private static readonly string WebRoot = new SourceFiles().WebRootPath;

    [Theory, InlineData("en"), InlineData("de")]
    public void Each_language_has_each_picture_in_both_themes_and_small_and_words_for_it(string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        Assert.All(Enum.GetValues<HelpShot>(), shot =>
        {
            foreach (var dark in Themes)
                Assert.InRange(new FileInfo(Path.Combine(WebRoot, HelpShots.PathOf(shot, language, dark))).Length, 1_000, MostBytes);
            Assert.InRange(Languages.In(culture, () => HelpShots.DescriptionOf(shot)).Length, 40, 160);
        });
    }

    [Fact]
    public void No_picture_is_left_over_and_all_together_are_small()
    {
        var files = Directory.GetFiles(Path.Combine(WebRoot, "help"), "*", SearchOption.AllDirectories);
        var expected =
            from shot in Enum.GetValues<HelpShot>()
            from language in Written
            from dark in Themes
            select Path.Combine(WebRoot, HelpShots.PathOf(shot, language, dark));
        Assert.Empty(files.Except(expected));
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 1, MostOfAll);
    }

    [Fact]
    public void The_README_shows_pictures_that_are_there()
    {
        var readme = File.ReadAllText(Path.Combine(PublishedPortal.RepositoryRoot, "README.md"));
        var shown = Picture().Matches(readme).Select(match => match.Groups[1].Value).ToList();
        Assert.InRange(shown.Count, 6, 10);
        Assert.All(shown, path => Assert.True(File.Exists(Path.Combine(PublishedPortal.RepositoryRoot, path)), path));
    }

    /// <summary>Whoever takes them anew (looks.sh screens) reads here when they grow too much for the repository.</summary>
    [Fact]
    public void The_pictures_of_all_pages_stay_small()
    {
        var screens = new DirectoryInfo(Path.Combine(PublishedPortal.RepositoryRoot, "docs", "screens"));
        Assert.InRange(screens.Exists ? screens.GetFiles().Sum(file => file.Length) : 0, 0, MostOfScreens);
    }

    [GeneratedRegex(@"!\[[^\]]+\]\(([^)]+)\)")]
    private static partial Regex Picture();
}
