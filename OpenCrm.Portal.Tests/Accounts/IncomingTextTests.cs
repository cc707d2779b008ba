using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

/// <summary>What text from outside may hold, checked in one place for every way in (docs/threats.md, "Text that comes in").</summary>
public sealed class IncomingTextTests
{
    /// <summary>Text that is refused everywhere, whatever it is for.</summary>
    public static readonly string[] Never =
    [
        "\ufffe", "\uffff", "\ufdd0", "\ufdef", "\U0001fffe", "\U0010ffff",
        "\ud800", "\udfff", "\udc00\ud800", "\0", "\u0007", "\u001b", "\u007f", "\u0085"
    ];

    /// <summary>Characters that cannot be seen, or that turn the reading direction.</summary>
    public static readonly string[] Unseen =
    [
        "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u202e",
        "\u2066", "\u2069", "\u061c", "\u2028", "\u2029", "\u034f", "\ufffd", "\u115f", "\u3164", "\uffa0", "\U000e0041"
    ];

    public static TheoryData<string> NeverKinds => [.. Never];

    public static TheoryData<string> UnseenKinds => [.. Unseen];

    [Theory, MemberData(nameof(NeverKinds), DisableDiscoveryEnumeration = true)]
    public void Noncharacters_half_pairs_and_control_characters_are_refused_everywhere(string kind)
    {
        Assert.Equal([false, false, false, false], Allowed($"a{kind}b"));
        Assert.Equal(1, IncomingText.FirstRefused($"a{kind}b", TextShape.Body));
    }

    [Theory, MemberData(nameof(UnseenKinds), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_seen_is_refused_in_lines_and_names_and_stays_in_bodies_and_passwords(string kind) =>
        Assert.Equal([false, false, true, true], Allowed($"a{kind}b"));

    [Fact]
    public void Line_ends_and_tabs_stand_in_bodies_only() => Assert.Equal([false, false, true, false], Allowed("a\tb\nc"));

    [Theory]
    [InlineData("Müller & Söhne, 株式会社 (Zürich)")]
    [InlineData("𠮷野家")]
    [InlineData("Team 🙂")]
    [InlineData("שלום عالم")]
    [InlineData("a\u00a0b")]
    public void What_people_write_passes(string text) => Assert.Equal([true, true, true, true], Allowed(text));

    [Fact]
    public void A_variation_selector_is_for_lines_that_need_one_and_for_no_username() =>
        Assert.Equal([false, true, true, true], Allowed("葛\U000e0100"));

    [Fact]
    public void A_search_leaves_out_what_no_line_holds_and_cuts_no_pair()
    {
        Assert.Equal("anna lee", IncomingText.Cleaned(" an\u200bna\ufffe l\0ee\ud800 ", 100));
        Assert.Equal("𠮷", IncomingText.Cleaned("𠮷𠮷", 3));
        Assert.Equal("", IncomingText.Cleaned(null, 10));
        Assert.Equal("𠮷", IncomingText.Cut("𠮷𠮷", 3));
    }

    /// <summary>A page's address, a browser's answer and a cookie may bring such text; reading none of them may throw.</summary>
    [Theory, MemberData(nameof(NeverKinds), DisableDiscoveryEnumeration = true)]
    public void Addresses_with_such_text_are_read_without_an_exception(string kind)
    {
        var query = "?search=" + Uri.EscapeDataString("a" + kind.Replace('\ud800', 'x').Replace('\udfff', 'x').Replace('\udc00', 'x'));
        Assert.StartsWith("a", Portal.Users.UserQuery.Parse(query).Search, StringComparison.Ordinal);
        Assert.Equal("ab", Portal.Users.UserQuery.Clean($"a{kind}b"));
        Assert.Equal("ab", Portal.Outbox.OutboxQuery.Clean($"a{kind}b"));
        Assert.Equal("ab", Portal.AuditLog.AuditQuery.Clean($"a{kind}b"));
        Assert.True(Portal.Users.UserQuery.LeavesOut($"a{kind}b"));
        Assert.Null(Portal.AuditLog.AuditQuery.Parse($"?from=2026-01-01&zone=a{kind}").Zone);
        Assert.Equal("/", Portal.SignIn.LocalUrl.OrHome($"//{kind}"));
        Assert.NotNull(Portal.SignIn.LocalUrl.OrHome($"/a{kind}"));
        Assert.False(Portal.Data.PublicAddress.IsValid($"https://portal{kind}.example.test"));
    }

    private static bool[] Allowed(string text) =>
        [IncomingText.IsName(text), IncomingText.IsLine(text), IncomingText.FirstRefused(text, TextShape.Body) is null, IncomingText.IsSecret(text)];
}
