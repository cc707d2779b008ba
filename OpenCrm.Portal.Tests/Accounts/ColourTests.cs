using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

/// <summary>Colours as people type them, and how well they can be read (WCAG 2.2, 1.4.3).</summary>
public sealed class ColourTests
{
    [Theory]
    [InlineData("#2F4BC7", "#2f4bc7")]
    [InlineData(" 2f4bc7 ", "#2f4bc7")]
    [InlineData("#abc", "#aabbcc")]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData("red", null)]
    [InlineData("#2f4bc", null)]
    [InlineData("#2f4bc7ff", null)]
    [InlineData("# f4bc7", null)]
    [InlineData("#fff;}*{", null)]
    [InlineData("rgb(1,2,3)", null)]
    public void Three_or_six_digits_are_read_and_nothing_else(string? typed, string? hex) => Assert.Equal(hex, Colour.Parse(typed)?.Hex);

    /// <summary>Values of the W3C's own formula; 767676 is the lightest grey that can be read on white.</summary>
    [Theory]
    [InlineData("#000000", 21)]
    [InlineData("#ffffff", 1)]
    [InlineData("#767676", 4.54)]
    [InlineData("#777777", 4.48)]
    [InlineData("#ff0000", 4.00)]
    [InlineData("#0000ff", 8.59)]
    public void The_contrast_to_white_is_that_of_WCAG(string hex, double contrast) =>
        Assert.Equal(contrast, Colour.Parse(hex)!.Value.ContrastWith(Colour.White), 2);

    [Fact]
    public void A_shade_or_tint_keeps_its_hue_and_ends_where_it_is_good_enough()
    {
        var red = new Colour(0xcc, 0, 0);

        var tint = red.LighterUntil(c => c.Luminance > 0.3);

        Assert.True(tint.Red == 255 && tint.Green == tint.Blue && tint.Green < 180, tint.Hex);
        Assert.InRange(tint.Luminance, 0.3, 0.33);
        Assert.Equal(red, red.DarkerUntil(_ => true));
        Assert.Equal(default, red.DarkerUntil(_ => false));
        Assert.Equal(Colour.White, red.LighterUntil(_ => false));
    }
}
