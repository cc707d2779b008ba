using System.Globalization;
using System.Text;
using MudBlazor;

namespace OpenCrm.Portal.Shell;

/// <summary>The one source of the portal's colours, light and dark, and of shape and type for MudBlazor's parts.</summary>
public static class PortalTheme
{
    private const string Shadow = "0 1px 2px rgb(22 27 38 / 0.06), 0 12px 32px rgb(22 27 38 / 0.12)";

    private static readonly string[] FontStack =
        ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"];

    // Declared before Theme, because static members are initialized in the order of the source.
    internal static readonly Colours Light = new(
        Bg: "#f5f6f9", Surface: "#ffffff", Sunken: "#f8f9fb", Hover: "#f0f2f7", Border: "#e0e4ec", BorderInput: "#828ca0",
        Text: "#161b26", TextMuted: "#566074", Accent: "#2f4bc7", AccentHover: "#253da6", OnAccent: "#ffffff",
        Success: "#17704a", Warn: "#875300", Danger: "#b3261e", DangerHover: "#911c16", OnState: "#ffffff",
        Scrim: "rgba(17,22,34,0.48)");

    internal static readonly Colours Dark = new(
        Bg: "#0e1219", Surface: "#151a23", Sunken: "#11161e", Hover: "#1e2531", Border: "#29313f", BorderInput: "#6b778d",
        Text: "#e6e9f0", TextMuted: "#9aa5b9", Accent: "#93a6ff", AccentHover: "#aebcff", OnAccent: "#0d1330",
        Success: "#63cf99", Warn: "#e7b45a", Danger: "#ff938a", DangerHover: "#ffb0a9", OnState: "#2b0805",
        Scrim: "rgba(4,6,10,0.64)");

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = Fill(new PaletteLight(), Light),
        PaletteDark = Fill(new PaletteDark(), Dark),
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", AppbarHeight = "56px", DrawerWidthLeft = "272px" },
        Shadows = new Shadow { Elevation = ["none", .. Enumerable.Repeat(Shadow, 25)] },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = FontStack, FontSize = "15px", LineHeight = "1.5", LetterSpacing = "normal" },
            H1 = new H1Typography { FontFamily = FontStack, FontSize = "24px", FontWeight = "600", LineHeight = "1.25", LetterSpacing = "-0.01em" },
            H2 = new H2Typography { FontFamily = FontStack, FontSize = "16px", FontWeight = "600", LineHeight = "1.25", LetterSpacing = "-0.01em" },
            Button = new ButtonTypography
            {
                FontFamily = FontStack,
                FontSize = "14px",
                FontWeight = "600",
                LetterSpacing = "normal",
                TextTransform = "none",
            },
        },
    };

    /// <summary>
    /// The CSS variables of both palettes, which tokens.css reads. The theme provider writes only one palette, and only once the circuit knows which.
    /// With these the first paint is right, and a change of theme shows at once.
    /// </summary>
    public static string Style { get; } = Css("light", Theme.PaletteLight) + Css("dark", Theme.PaletteDark);

    private static T Fill<T>(T palette, Colours c)
        where T : Palette
    {
        (palette.Background, palette.BackgroundGray) = (c.Bg, c.Sunken);
        palette.Surface = palette.DrawerBackground = palette.AppbarBackground = c.Surface;
        palette.TextPrimary = palette.DrawerText = palette.AppbarText = c.Text;
        palette.TextSecondary = palette.DrawerIcon = palette.ActionDefault = c.TextMuted;
        // Disabled text stays readable.
        palette.ActionDisabled = palette.TextDisabled = c.TextMuted;
        palette.LinesDefault = palette.TableLines = palette.Divider = palette.DividerLight = c.Border;
        palette.LinesInputs = c.BorderInput;
        palette.TableHover = palette.Skeleton = palette.ActionDisabledBackground = c.Hover;
        palette.Primary = palette.Info = c.Accent;
        palette.PrimaryDarken = palette.InfoDarken = c.AccentHover;
        palette.PrimaryContrastText = palette.InfoContrastText = c.OnAccent;
        (palette.Success, palette.SuccessDarken, palette.SuccessContrastText) = (c.Success, c.Success, c.OnState);
        (palette.Warning, palette.WarningDarken, palette.WarningContrastText) = (c.Warn, c.Warn, c.OnState);
        (palette.Error, palette.ErrorDarken, palette.ErrorContrastText) = (c.Danger, c.DangerHover, c.OnState);
        palette.OverlayDark = c.Scrim;
        return palette;
    }

    private static string Css(string theme, Palette palette)
    {
        var css = new StringBuilder().Append(CultureInfo.InvariantCulture, $"html[data-theme={theme}]{{");
        void Add(string name, object colour) => css.Append(CultureInfo.InvariantCulture, $"--mud-palette-{name}:{colour};");
        Add("background", palette.Background);
        Add("background-gray", palette.BackgroundGray);
        Add("surface", palette.Surface);
        Add("table-hover", palette.TableHover);
        Add("lines-default", palette.LinesDefault);
        Add("lines-inputs", palette.LinesInputs);
        Add("text-primary", palette.TextPrimary);
        Add("text-secondary", palette.TextSecondary);
        Add("primary", palette.Primary);
        Add("primary-darken", palette.PrimaryDarken);
        Add("primary-text", palette.PrimaryContrastText);
        Add("success", palette.Success);
        Add("warning", palette.Warning);
        Add("error", palette.Error);
        Add("error-darken", palette.ErrorDarken);
        Add("error-text", palette.ErrorContrastText);
        Add("overlay-dark", palette.OverlayDark);
        return css.Append('}').ToString();
    }

    internal sealed record Colours(
        string Bg, string Surface, string Sunken, string Hover, string Border, string BorderInput,
        string Text, string TextMuted, string Accent, string AccentHover, string OnAccent,
        string Success, string Warn, string Danger, string DangerHover, string OnState, string Scrim);
}
