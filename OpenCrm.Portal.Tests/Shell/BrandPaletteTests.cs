using System.Text.RegularExpressions;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Shell;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>Whatever colour a company has: what the themes make of it can be read on all their backgrounds.</summary>
public sealed partial class BrandPaletteTests
{
    /// <summary>Every colour in steps of 17 that the settings page accepts.</summary>
    private static IEnumerable<Colour> Accepted =>
        from red in Enumerable.Range(0, 16)
        from green in Enumerable.Range(0, 16)
        from blue in Enumerable.Range(0, 16)
        let colour = new Colour((byte)(17 * red), (byte)(17 * green), (byte)(17 * blue))
        where colour.IsReadableOn(Colour.White)
        select colour;

    /// <summary>Red when the colour is used as it is: one that just passes on white cannot be read on grey, nor on dark.</summary>
    [Fact]
    public void Links_buttons_and_chosen_things_can_be_read_in_both_themes()
    {
        var count = 0;
        foreach (var colour in Accepted)
        {
            count++;
            foreach (var (theme, own) in new[] { ("light", PortalTheme.Light), ("dark", PortalTheme.Dark) })
            {
                var made = Rules(BrandPalette.Css(colour.Hex), theme);
                var accent = made["--mud-palette-primary"];
                foreach (var behind in new[] { own.Bg, own.Surface, own.Hover }.Select(hex => Colour.Parse(hex)!.Value).Append(made["--accent-soft"]))
                    Assert.True(accent.IsReadableOn(behind), $"{colour} {theme}: {accent} on {behind}");
                foreach (var button in new[] { accent, made["--mud-palette-primary-darken"] })
                    Assert.True(made["--mud-palette-primary-text"].IsReadableOn(button), $"{colour} {theme}: text on {button}");
            }
        }
        Assert.True(count > 1000, $"{count} colours");
    }

    [Fact]
    public void A_colour_that_can_be_read_everywhere_is_used_as_it_is_and_none_writes_nothing()
    {
        Assert.Equal(new Colour(0x1b, 0x6e, 0x3c), Rules(BrandPalette.Css("#1b6e3c"), "light")["--mud-palette-primary"]);
        Assert.Equal("", BrandPalette.Css(null));
        // What is in the database is not believed either.
        Assert.Equal("", BrandPalette.Css("#fff;}body{display:none"));
    }

    private static Dictionary<string, Colour> Rules(string css, string theme) =>
        Rule().Matches(css.Split($"html[data-theme={theme}]{{")[1].Split('}')[0])
            .ToDictionary(rule => rule.Groups[1].Value, rule => Colour.Parse(rule.Groups[2].Value)!.Value);

    [GeneratedRegex("(--[a-z-]+):(#[0-9a-f]{6})")]
    private static partial Regex Rule();
}
