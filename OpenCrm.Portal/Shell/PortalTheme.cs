using System.Globalization;
using System.Text;

namespace OpenCrm.Portal.Shell;

/// <summary>The one source of the portal's colours, light and dark.</summary>
public static class PortalTheme
{
    // Declared before Style, because static members are initialized in the order of the source.
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

    /// <summary>
    /// Both palettes as CSS variables, which tokens.css reads, under the names by which MudBlazor's charts know them. With both the first paint is
    /// right, and a change of theme shows at once.
    /// </summary>
    public static string Style { get; } = Css("light", Light) + Css("dark", Dark);

    private static string Css(string theme, Colours c)
    {
        var css = new StringBuilder().Append(CultureInfo.InvariantCulture, $"html[data-theme={theme}]{{");
        void Add(string name, string colour) => css.Append(CultureInfo.InvariantCulture, $"--mud-palette-{name}:{colour};");
        Add("background", c.Bg);
        Add("background-gray", c.Sunken);
        Add("surface", c.Surface);
        Add("table-hover", c.Hover);
        Add("lines-default", c.Border);
        Add("lines-inputs", c.BorderInput);
        Add("text-primary", c.Text);
        Add("text-secondary", c.TextMuted);
        Add("primary", c.Accent);
        Add("primary-darken", c.AccentHover);
        Add("primary-text", c.OnAccent);
        Add("success", c.Success);
        Add("warning", c.Warn);
        Add("error", c.Danger);
        Add("error-darken", c.DangerHover);
        Add("error-text", c.OnState);
        Add("overlay-dark", c.Scrim);
        return css.Append('}').ToString();
    }

    internal sealed record Colours(
        string Bg, string Surface, string Sunken, string Hover, string Border, string BorderInput,
        string Text, string TextMuted, string Accent, string AccentHover, string OnAccent,
        string Success, string Warn, string Danger, string DangerHover, string OnState, string Scrim);
}
