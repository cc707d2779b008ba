using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// What the portal's palettes become with a company's colour. The colour itself can be read on white; the shade and the tint used here can be read on
/// every background that pages have, light and dark.
/// </summary>
internal static class BrandPalette
{
    /// <summary>
    /// The least contrast in the dark theme: bright text on dark seems to glow and needs a little more than <see cref="Colour.ReadableContrast"/>.
    /// </summary>
    private const double DarkContrast = 5.5;

    /// <summary>How much of the colour is in the background of what is chosen.</summary>
    private const double LightSoft = 0.09, DarkSoft = 0.16;

    /// <summary>Returns the rules that follow the portal's own in a page; empty for the portal's own colour.</summary>
    /// <param name="accent">As stored.</param>
    internal static string Css(string? accent) => Colour.Parse(accent) is { } colour ? Light(colour) + Dark(colour) : "";

    private static string Light(Colour colour)
    {
        var ground = Own(PortalTheme.Light.Surface);
        var grounds = new[] { ground, Own(PortalTheme.Light.Bg), Own(PortalTheme.Light.Hover) };
        var accent = colour.DarkerUntil(c => grounds.All(c.IsReadableOn) && c.IsReadableOn(ground.MixedWith(c, LightSoft)));
        // Buttons become darker under the pointer, and a black one lighter.
        var hover = accent.Luminance > 0.02 ? accent.MixedWith(default, 0.2) : accent.MixedWith(Colour.White, 0.2);
        return Css(ThemeChoice.Light, accent, hover, Colour.White, ground.MixedWith(accent, LightSoft));
    }

    private static string Dark(Colour colour)
    {
        var ground = Own(PortalTheme.Dark.Surface);
        var grounds = new[] { ground, Own(PortalTheme.Dark.Bg), Own(PortalTheme.Dark.Hover) };
        var on = Own(PortalTheme.Dark.Sunken);
        var accent = colour.LighterUntil(c =>
            grounds.All(behind => c.ContrastWith(behind) >= DarkContrast) && c.IsReadableOn(ground.MixedWith(c, DarkSoft)) && c.IsReadableOn(on));
        return Css(ThemeChoice.Dark, accent, accent.MixedWith(Colour.White, 0.25), on, ground.MixedWith(accent, DarkSoft));
    }

    private static string Css(string theme, Colour accent, Colour hover, Colour on, Colour soft) =>
        $"html[data-theme={theme}]{{--mud-palette-primary:{accent.Hex};--mud-palette-primary-darken:{hover.Hex};"
        + $"--mud-palette-primary-text:{on.Hex};--accent-soft:{soft.Hex}}}";

    private static Colour Own(string hex) => Colour.Parse(hex)!.Value;
}
