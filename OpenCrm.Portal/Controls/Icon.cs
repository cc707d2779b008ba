using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// The portal's own line icons, 24 × 24, drawn in the colour of the text. They are inline, so that no icon font is loaded, and pieces of markup
/// instead of components: a page has dozens, and each component keeps some three kilobytes for as long as the page is open.
/// </summary>
public static class Icon
{
    private const string Shield = "<path d=\"M12 3 4.5 6v5.5c0 4.6 3 8 7.5 9.5 4.5-1.5 7.5-4.9 7.5-9.5V6z\"/>";

    private static readonly Dictionary<string, MarkupString> Drawn = new(StringComparer.Ordinal)
    {
        ["alert"] = Svg("<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 7.5v5M12 16.2v.1\"/>"),
        ["arrow-down"] = Svg("<path d=\"M12 5v14M6 13l6 6 6-6\"/>"),
        ["back"] = Svg("<path d=\"m15 6-6 6 6 6\"/>"),
        ["check"] = Svg("<path d=\"m5 12.5 4.5 4.5L19 7.5\"/>"),
        ["chevron-down"] = Svg("<path d=\"m6 9 6 6 6-6\"/>"),
        ["chevron-right"] = Svg("<path d=\"m9 6 6 6-6 6\"/>"),
        ["clock"] = Svg("<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 7v5.3l3.5 2\"/>"),
        ["close"] = Svg("<path d=\"m6 6 12 12M18 6 6 18\"/>"),
        ["copy"] = Svg("<rect x=\"9\" y=\"9\" width=\"11\" height=\"11\" rx=\"2\"/>"
            + "<path d=\"M15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3\"/>"),
        ["download"] = Svg("<path d=\"M12 4v11M7.5 11 12 15.5 16.5 11M4.5 20h15\"/>"),
        ["eye"] = Svg("<path d=\"M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z\"/><circle cx=\"12\" cy=\"12\" r=\"2.8\"/>"),
        ["eye-off"] = Svg("<path d=\"M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z\"/>"
            + "<circle cx=\"12\" cy=\"12\" r=\"2.8\"/><path d=\"m4 4 16 16\"/>"),
        ["file"] = Svg("<path d=\"M6 3h9l4 4v14H6z\"/><path d=\"M9.5 12h6M9.5 16h6M9.5 8h2\"/>"),
        ["help"] = Svg("<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .9-1 1.7M12 16.7v.1\"/>"),
        ["history"] = Svg("<path d=\"M4 12a8 8 0 1 0 2.5-5.8L4 8.5\"/><path d=\"M4 4v4.5h4.5M12 8v4.5l3 1.7\"/>"),
        ["home"] = Svg("<path d=\"M3 10.5 12 3l9 7.5\"/><path d=\"M5 9v11h14V9\"/><path d=\"M10 20v-6h4v6\"/>"),
        ["info"] = Svg("<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 11v5.5M12 7.8v.1\"/>"),
        ["key"] = Svg("<circle cx=\"8\" cy=\"15.5\" r=\"4\"/><path d=\"m11 12.5 8.5-8.5M16 7.5l3 3\"/>"),
        ["laptop"] = Svg("<rect x=\"4.5\" y=\"5\" width=\"15\" height=\"10.5\" rx=\"1.5\"/><path d=\"M2.5 19h19\"/>"),
        ["lock"] = Svg("<rect x=\"5\" y=\"10.5\" width=\"14\" height=\"10\" rx=\"2\"/><path d=\"M8 10.5V7.5a4 4 0 0 1 8 0v3\"/>"),
        ["mail"] = Svg("<rect x=\"3\" y=\"5\" width=\"18\" height=\"14\" rx=\"2.5\"/><path d=\"m4 7.5 8 6 8-6\"/>"),
        ["menu"] = Svg("<path d=\"M4 7h16M4 12h16M4 17h16\"/>"),
        ["outbox"] = Svg("<path d=\"M4 13v5a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-5\"/>"
            + "<path d=\"M4 13h4.5l1.5 2.5h4l1.5-2.5H20\"/><path d=\"M12 11V3.5M8.5 7 12 3.5 15.5 7\"/>"),
        ["phone"] = Svg("<rect x=\"7\" y=\"2.5\" width=\"10\" height=\"19\" rx=\"2.5\"/><path d=\"M11 18.5h2\"/>"),
        ["plus"] = Svg("<path d=\"M12 5v14M5 12h14\"/>"),
        ["print"] = Svg("<path d=\"M7 9V3.5h10V9M7 17H4V9h16v8h-3\"/><path d=\"M7 13.5h10v7H7z\"/>"),
        ["search"] = Svg("<circle cx=\"11\" cy=\"11\" r=\"6.5\"/><path d=\"m16 16 4.5 4.5\"/>"),
        ["shield-no"] = Svg(Shield + "<path d=\"M9 12.5h6\"/>"),
        ["shield-yes"] = Svg(Shield + "<path d=\"m8.8 12 2.3 2.3 4.2-4.5\"/>"),
        ["sign-in"] = Svg("<path d=\"M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M10 8l4 4-4 4M14 12H4\"/>"),
        ["sign-out"] = Svg("<path d=\"M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M16 8l4 4-4 4M20 12H10\"/>"),
        ["sliders"] = Svg("<path d=\"M4 7h10M18 7h2M4 17h2M10 17h10\"/><circle cx=\"16\" cy=\"7\" r=\"2\"/><circle cx=\"8\" cy=\"17\" r=\"2\"/>"),
        ["star"] = Svg("<path d=\"m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z\"/>"),
        ["user"] = Svg("<circle cx=\"12\" cy=\"8\" r=\"3.5\"/><path d=\"M5 20c.7-3.6 3.5-5.5 7-5.5s6.3 1.9 7 5.5\"/>"),
        ["users"] = Svg("<circle cx=\"9\" cy=\"8\" r=\"3.5\"/><path d=\"M2.5 20c.6-3.6 3.2-5.5 6.5-5.5s5.9 1.9 6.5 5.5\"/>"
            + "<path d=\"M16 4.8a3.5 3.5 0 0 1 0 6.4\"/><path d=\"M18.5 15c1.7.8 2.7 2.5 3 5\"/>"),
    };

    /// <exception cref="KeyNotFoundException">There is no icon of this name.</exception>
    public static MarkupString Of(string name) => Drawn[name];

    private static MarkupString Svg(string shapes) =>
        new($"<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">{shapes}</svg>");
}
