using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Help;

/// <summary>The line drawings of the article: inline SVG, 200 × 120, in the theme's colours. A caption below each says what it shows.</summary>
internal static class HelpPictures
{
    private const string Shield = "<path class=\"pic-soft\" d=\"M176 40l-16 6v13c0 10 7 17 16 21 9-4 16-11 16-21V46z\"/>";

    // Looks like a QR code, but no camera can read it: three corners and some dots.
    private const string Pattern =
        "<path class=\"pic-ink\" d=\"M34 30h14v14H34zM66 30h14v14H66zM34 62h14v14H34z\"/>"
        + "<path class=\"pic-fill\" d=\"M39 35h4v4h-4zM71 35h4v4h-4zM39 67h4v4h-4zM54 30h4v6h-4zM56 40h6v4h-6zM34 50h6v4h-6zM46 50h4v6h-4z"
        + "M55 52h8v5h-8zM68 50h5v8h-5zM76 54h4v5h-4zM54 64h5v6h-5zM63 62h6v4h-6zM73 64h7v4h-7zM62 71h5v5h-5zM72 72h8v4h-8z\"/>";

    public static MarkupString Of(HelpTopic topic) => new(topic switch
    {
        HelpTopic.What =>
            "<rect x=\"8\" y=\"46\" width=\"58\" height=\"28\" rx=\"6\"/><path class=\"pic-dots\" d=\"M20 60h.1M31 60h.1M42 60h.1M53 60h.1\"/>"
            + "<path d=\"M74 60h10M79 55v10\"/>"
            + "<rect x=\"92\" y=\"18\" width=\"46\" height=\"84\" rx=\"8\"/><path d=\"M111 94h8\"/>"
            + "<rect class=\"pic-soft\" x=\"98\" y=\"48\" width=\"34\" height=\"24\" rx=\"5\"/><text x=\"115\" y=\"64\">284 617</text>"
            + "<path d=\"M145 60h8M150 56l4 4-4 4\"/>" + Shield + "<path class=\"pic-accent\" d=\"m169 59 5 5 9-10\"/>",
        HelpTopic.Apps =>
            "<rect x=\"68\" y=\"6\" width=\"64\" height=\"108\" rx=\"10\"/><path d=\"M95 106h10\"/>"
            + "<circle class=\"pic-soft\" cx=\"81\" cy=\"28\" r=\"6\"/><path d=\"M92 25h22\"/><path class=\"pic-accent\" d=\"M92 32h30\"/>"
            + "<circle class=\"pic-soft\" cx=\"81\" cy=\"54\" r=\"6\"/><path d=\"M92 51h16\"/><path class=\"pic-accent\" d=\"M92 58h30\"/>"
            + "<circle class=\"pic-soft\" cx=\"81\" cy=\"80\" r=\"6\"/><path d=\"M92 77h26\"/><path class=\"pic-accent\" d=\"M92 84h30\"/>",
        HelpTopic.SetUp =>
            "<rect x=\"10\" y=\"16\" width=\"94\" height=\"74\" rx=\"6\"/><path d=\"M44 104h26M57 90v14\"/>" + Pattern
            + "<path class=\"pic-ray\" d=\"M104 34 140 46M104 78l36-6\"/>"
            + "<rect x=\"140\" y=\"24\" width=\"46\" height=\"82\" rx=\"8\"/><path d=\"M159 98h8\"/>"
            + "<path class=\"pic-accent\" d=\"M149 52v-7h7M177 52v-7h-7M149 68v7h7M177 68v7h-7\"/>",
        HelpTopic.SignIn =>
            "<rect class=\"pic-soft\" x=\"20\" y=\"26\" width=\"160\" height=\"46\" rx=\"8\"/>"
            + "<text class=\"pic-big\" x=\"100\" y=\"58\">284 617</text>"
            + "<circle cx=\"100\" cy=\"96\" r=\"11\"/><path class=\"pic-accent\" d=\"M100 85a11 11 0 0 1 9.5 16.5\"/><path d=\"M100 90v6\"/>",
        HelpTopic.LostDevice =>
            "<rect class=\"pic-soft\" x=\"6\" y=\"42\" width=\"52\" height=\"36\" rx=\"5\"/><path d=\"m8 46 24 18 24-18\"/>"
            + "<path d=\"M65 60h8M70 56l4 4-4 4\"/>"
            + "<rect x=\"82\" y=\"30\" width=\"54\" height=\"60\" rx=\"6\"/><path d=\"M91 44h36M91 56h36\"/>"
            + "<rect class=\"pic-fill\" x=\"91\" y=\"68\" width=\"36\" height=\"12\" rx=\"4\"/>"
            + "<path d=\"M143 60h8M148 56l4 4-4 4\"/><path d=\"M176 40l-16 6v13c0 10 7 17 16 21 9-4 16-11 16-21V46z\"/><path d=\"M168 60h16\"/>",
        HelpTopic.Everyone =>
            "<rect class=\"pic-fill\" x=\"66\" y=\"16\" width=\"68\" height=\"34\" rx=\"17\"/>"
            + "<circle class=\"pic-knob\" cx=\"117\" cy=\"33\" r=\"12\"/>"
            + "<path d=\"M100 50v12M32 74v-6a6 6 0 0 1 6-6h124a6 6 0 0 1 6 6v6M100 62v12\"/>"
            + "<circle cx=\"32\" cy=\"84\" r=\"6\"/><path d=\"M20 108c1-8 6-12 12-12s11 4 12 12\"/>"
            + "<circle cx=\"100\" cy=\"84\" r=\"6\"/><path d=\"M88 108c1-8 6-12 12-12s11 4 12 12\"/>"
            + "<circle cx=\"168\" cy=\"84\" r=\"6\"/><path d=\"M156 108c1-8 6-12 12-12s11 4 12 12\"/>",
        HelpTopic.Locks =>
            "<rect class=\"pic-soft\" x=\"74\" y=\"42\" width=\"52\" height=\"40\" rx=\"7\"/><path d=\"M84 42V30a16 16 0 0 1 32 0v12\"/>"
            + "<circle class=\"pic-accent\" cx=\"100\" cy=\"60\" r=\"4\"/><path class=\"pic-accent\" d=\"M100 64v7\"/>"
            + "<path class=\"pic-wrong\" d=\"m46 98 8 8m0-8-8 8M71 98l8 8m0-8-8 8M96 98l8 8m0-8-8 8M121 98l8 8m0-8-8 8M146 98l8 8m0-8-8 8\"/>",
        HelpTopic.Clock =>
            "<circle class=\"pic-soft\" cx=\"52\" cy=\"50\" r=\"32\"/><path d=\"M52 30v20l14 8\"/>"
            + "<circle cx=\"148\" cy=\"50\" r=\"32\"/><path d=\"M148 30v20l-13 10\"/>"
            + "<path d=\"M92 46h16M92 54h16M105 40 95 60\"/><text x=\"52\" y=\"106\">284 617</text><text x=\"148\" y=\"106\">905 132</text>",
        _ => "",
    });
}
