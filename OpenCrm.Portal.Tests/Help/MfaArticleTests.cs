using System.Globalization;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Help;

namespace OpenCrm.Portal.Tests.Help;

/// <summary>The article by itself: its parts, its words, its numbers.</summary>
public sealed class MfaArticleTests : BunitContext
{
    public MfaArticleTests()
    {
        Services.AddSingleton(new HelpShots(new SourceFiles()));
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    public static TheoryData<HelpTopic> Topics => [.. Enum.GetValues<HelpTopic>()];

    [Theory, MemberData(nameof(Topics))]
    public void Every_part_that_a_page_links_to_is_there_and_in_the_contents(HelpTopic topic)
    {
        var article = Article(new(5, 0, 30));

        var heading = article.Find($"#{PortalUrls.AnchorOf(topic)} > h2");
        Assert.Equal(heading.TextContent, article.Find($"nav a[href='{PortalUrls.HelpOn(topic)}']").TextContent);
        Assert.Equal("-1", heading.GetAttribute("tabindex"));
        Assert.StartsWith("/help/mfa#", PortalUrls.HelpOn(topic), StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_on_the_screen_is_named_as_it_stands_there()
    {
        var names = Article(new(5, 0, 30)).FindAll("strong").Select(name => name.TextContent).ToHashSet();

        string[] expected =
        [
            "Google Authenticator", "Microsoft Authenticator", "LastPass", "My user record", "Setup MFA", "Next", "Save",
            "Open in authenticator app", "Settings", "Users", "MFA Enabled",
            "Verify", "Lost your device/Disable MFA?", "Send link", "Sign in and disable MFA", "Disable MFA", "OK",
            "Configuration", "Additional Settings", "Security", "Security Settings",
            "Enable Multi-factor authentication", "Communication Templates", "Email Templates", "Unlock",
            "Send test to me", "Reset to default", "History",
        ];
        Assert.Empty(expected.Except(names));
        Assert.DoesNotContain(names, name => name.Contains('{', StringComparison.Ordinal) || name.Contains('*', StringComparison.Ordinal));
    }

    [Fact]
    public void The_four_ways_out_of_MFA_say_who_is_told()
    {
        var ways = Article(new(5, 0, 30)).FindAll(".help-ways > li").Select(way => way.QuerySelector(".help-told")!.TextContent).ToList();

        Assert.Equal(4, ways.Count);
        Assert.All(ways[..3], told => Assert.EndsWith("the person and all system administrators", told, StringComparison.Ordinal));
        Assert.EndsWith("nobody", ways[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 0, 30, "After 5 of them", "until a system administrator presses Unlock", "for 30 minutes")]
    [InlineData(3, 15, 120, "After 3 of them", "opens again after 15 minutes", "for 2 hours")]
    [InlineData(9, 60, 125, "After 9 of them", "opens again after 60 minutes", "for 125 minutes")]
    public void Numbers_are_those_of_the_settings(int attempts, int lockMinutes, int linkMinutes, params string[] said)
    {
        var article = Article(new(attempts, lockMinutes, linkMinutes)).Find("article").TextContent;

        Assert.All(said, words => Assert.Contains(words, article, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_step_s_picture_has_words_and_a_size_so_that_nothing_jumps_when_it_arrives()
    {
        var pictures = Article(new(5, 0, 30)).FindAll("img");

        Assert.Equal(2 * Enum.GetValues<HelpShot>().Length, pictures.Count);
        Assert.All(pictures, picture =>
        {
            Assert.Equal("lazy", picture.GetAttribute("loading"));
            Assert.NotEmpty(picture.GetAttribute("alt")!);
            Assert.InRange(int.Parse(picture.GetAttribute("width")!, CultureInfo.InvariantCulture), 200, 760);
            Assert.InRange(int.Parse(picture.GetAttribute("height")!, CultureInfo.InvariantCulture), 60, 700);
        });
    }

    [Fact]
    public void A_name_that_fills_a_text_marks_nothing_in_it()
    {
        var text = Render<Marked>(p => p.Add(m => m.Text, "Press *{0}*, then *{1}*.").Add(m => m.Values, ["a*b", "<i>c</i>"]));

        Assert.Equal(["a*b", "<i>c</i>"], text.FindAll("strong").Select(name => name.TextContent));
        Assert.Empty(text.FindAll("i"));
    }

    [Fact]
    public void A_link_beside_what_it_explains_opens_a_tab_of_its_own_and_says_so()
    {
        var mark = Render<HelpLink>(p => p.Add(l => l.Topic, HelpTopic.LostDevice).Add(l => l.Name, "Help with MFA, opens in a new tab")).Find("a");
        var words = Render<HelpLink>(p => p.Add(l => l.Topic, HelpTopic.SignIn).Add(l => l.Text, "Need help?")).Find("a");

        Assert.Equal(("/help/mfa#lost-device", "Help with MFA, opens in a new tab"), (mark.GetAttribute("href"), mark.GetAttribute("aria-label")));
        Assert.Equal("Need help? (opens in a new tab)", words.TextContent);
        Assert.All([mark, words], link => Assert.Equal(("_blank", "noopener"), (link.GetAttribute("target"), link.GetAttribute("rel"))));
    }

    private IRenderedComponent<MfaArticle> Article(ArticleNumbers numbers) => Render<MfaArticle>(p => p.Add(a => a.Numbers, numbers));
}
