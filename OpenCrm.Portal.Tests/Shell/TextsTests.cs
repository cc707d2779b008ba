using System.Text.RegularExpressions;
using System.Xml.Linq;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>The files of texts: each text stands in all of them, and fills in the same values.</summary>
public sealed partial class TextsTests
{
    private static readonly IReadOnlyList<(string Key, string Value)> English = Read("Texts.resx"), German = Read("Texts.de.resx");

    [Fact]
    public void Every_text_stands_once_in_both_files()
    {
        Assert.True(English.Count > 900, $"Only {English.Count} texts");
        Assert.Empty(Twice(English));
        Assert.Empty(Twice(German));
        Assert.Equal(Keys(English), Keys(German));
    }

    [Fact]
    public void No_text_is_empty() => Assert.DoesNotContain(English.Concat(German), text => text.Value.Trim().Length == 0);

    [Fact]
    public void A_translation_fills_in_the_same_values_and_marks_as_many_words()
    {
        var german = German.ToDictionary(text => text.Key, text => text.Value);
        Assert.Empty(
            from text in English
            where german.ContainsKey(text.Key) && Shape(text.Value) != Shape(german[text.Key])
            select $"{text.Key}: {text.Value} / {german[text.Key]}");
    }

    /// <summary>Without the file in the build people would read English, and no test of keys would fail.</summary>
    [Fact]
    public void Every_language_is_built()
    {
        Assert.Equal("en", Languages.In(Languages.English, () => Texts.Shell_Language));
        Assert.Equal("de", Languages.In(Languages.German, () => Texts.Shell_Language));
    }

    /// <summary>The values to fill in, in any order, and how many marks there are.</summary>
    private static string Shape(string text) =>
        string.Join(' ', Value().Matches(text).Select(value => value.Value).Distinct().Order(StringComparer.Ordinal))
        + $", {text.Count(c => c == '*')} marks";

    private static IEnumerable<string> Keys(IEnumerable<(string Key, string Value)> texts) =>
        texts.Select(text => text.Key).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Twice(IEnumerable<(string Key, string Value)> texts) =>
        texts.GroupBy(text => text.Key).Where(same => same.Count() > 1).Select(same => same.Key);

    private static IReadOnlyList<(string Key, string Value)> Read(string file) =>
        [.. XDocument.Load(Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal", file)).Root!.Elements("data")
            .Select(data => ((string)data.Attribute("name")!, (string)data.Element("value")!))];

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Value();
}
