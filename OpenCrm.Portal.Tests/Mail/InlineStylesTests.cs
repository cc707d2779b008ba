using System.Diagnostics;
using System.Net;
using AngleSharp.Html.Parser;
using OpenCrm.Portal.Mail;
using PreMailer.Net.Downloaders;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>How a body and the frame's styles become one mail, and that what a body brings along stays as it is written.</summary>
public sealed class InlineStylesTests
{
    private static readonly MailFrame Frame = new("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test");
    private static readonly TemplateDefinition Template = TemplateCatalogue.Test;

    private readonly TemplateRenderer _renderer = new();

    public static TheoryData<string> Keys => [.. TemplateCatalogue.All.Select(t => t.Key)];

    [Theory, MemberData(nameof(Keys))]
    public void The_default_bodies_hold_no_style_and_the_mails_hold_all_of_them_in_their_tags(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var body = TemplateText.Default(template).Html;
        Assert.DoesNotContain("style", body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("width=", body, StringComparison.OrdinalIgnoreCase);

        var mail = _renderer.Render(template, TemplateText.Default(template), template.SampleValues, "Ann Lee", Frame).Html;

        using var document = new HtmlParser().ParseDocument(mail);
        Assert.All(
            document.QuerySelectorAll("h1, p, .facts, .facts th, .facts td, .button, .frame-card, .frame-body"),
            element => Assert.True(element.HasAttribute("style"), element.OuterHtml));
        Assert.Contains("font-size: 22px", document.QuerySelector("h1")!.GetAttribute("style"), StringComparison.Ordinal);
        if (document.QuerySelector(".button") is { } button)
            Assert.Contains("background: #2f4bc7", button.GetAttribute("style"), StringComparison.Ordinal);
        // Word draws by attributes.
        Assert.Equal(("600", "0", "0"), Attributes(document.QuerySelector(".frame-card")!, "width", "cellpadding", "cellspacing"));
        Assert.All(
            document.QuerySelectorAll(".facts th"),
            cell => Assert.Equal(("128", "left", "top"), Attributes(cell, "width", "align", "valign")));
        // What depends on the screen cannot be put inline.
        var sheet = Assert.Single(document.QuerySelectorAll("style")).TextContent;
        Assert.Contains("@media (prefers-color-scheme: dark)", sheet, StringComparison.Ordinal);
        Assert.Contains("@media (max-width: 480px)", sheet, StringComparison.Ordinal);
        Assert.DoesNotContain("#eef0f4", sheet, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", mail, StringComparison.Ordinal);
        Assert.Equal("color-scheme: light dark", document.DocumentElement.GetAttribute("style"));
    }

    public static TheoryData<string> EarlierKeys =>
        [.. Directory.GetFiles(EarlierBodies, "*.html.liquid").Select(file => Path.GetFileName(file).Split('.')[0]).Where(key => key != "frame")];

    private static string EarlierBodies => Path.Combine(AppContext.BaseDirectory, "Mail", "EarlierBodies");

    /// <summary>Bodies of before the styles stood in the frame, as somebody may have edited and saved them.</summary>
    [Theory, MemberData(nameof(EarlierKeys))]
    public void In_a_body_with_styles_of_its_own_each_of_them_still_decides(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var edited = new TemplateText("s", File.ReadAllText(Path.Combine(EarlierBodies, $"{key}.html.liquid")), "Hi");
        if (template.HoldsToken) edited = edited with { Text = "{{ link }}" };
        Assert.Empty(new TemplateCheck().Check(template, edited));

        var (mail, failure) = _renderer.RenderEdited(template, edited, template.SampleValues, "Ann Lee", Frame);

        Assert.Null(failure);
        using var before = new HtmlParser().ParseDocument(edited.Html);
        using var document = new HtmlParser().ParseDocument(mail.Html);
        var own = before.QuerySelectorAll("[style]").Select(element => element.GetAttribute("style")!).ToHashSet();
        var now = document.QuerySelectorAll(".frame-body [style]").Select(element => element.GetAttribute("style")!).ToHashSet();
        Assert.NotEmpty(now);
        // Behind the frame's declarations, so that it wins in every mail program.
        Assert.All(own, style => Assert.Contains(now, whole => whole.EndsWith(style, StringComparison.Ordinal)));
        Assert.All(now, whole => Assert.Contains(own, style => whole.EndsWith(style, StringComparison.Ordinal)));
        Assert.All(
            document.QuerySelectorAll(".frame-body table"),
            table => Assert.Equal(("100%", "0", "0"), Attributes(table, "width", "cellpadding", "cellspacing")));
        Assert.All(document.QuerySelectorAll(".frame-body td.muted"), cell => Assert.Equal("128", cell.GetAttribute("width")));
    }

    [Theory]
    [InlineData("color: red; background: url(data:image/png;base64,AA//BB==); content: 'a;b//c'")]
    [InlineData("COLOR:red;;font:12px/1 &quot;My Font&quot;, serif; /* why */ margin:0 !important")]
    [InlineData("background: url(https://ours.test/a.png?x=1&amp;y=2)")]
    public void A_style_of_an_element_is_kept_to_the_letter(string style)
    {
        var html = Html($"<p style=\"{style}\">x</p>");
        Assert.Contains($";{style}\"", html, StringComparison.Ordinal);
    }

    /// <summary>Inline styles of the frame would win over rules that formerly had nothing against them.</summary>
    [Fact]
    public void A_body_with_a_sheet_of_its_own_keeps_it_and_its_rules_win()
    {
        const string sheet =
            "<style>.lead { font-size: 20px } .lead:hover { color: red } @media (max-width: 400px) { .lead { font-size: 16px } }</style>";
        using var document = new HtmlParser().ParseDocument(Html($"{sheet}<p class=\"lead\">x</p><p style=\"color: blue\">y</p>"));

        Assert.Equal(sheet, document.QuerySelector(".frame-body style")!.OuterHtml);
        Assert.False(document.QuerySelector(".lead")!.HasAttribute("style"));
        Assert.Equal("color: blue", document.QuerySelectorAll("p")[1].GetAttribute("style"));
        Assert.Contains("font-size: 15px", document.QuerySelector("head style.words")!.TextContent, StringComparison.Ordinal);
        Assert.True(document.QuerySelector(".frame-card")!.HasAttribute("style"));
    }

    [Fact]
    public void Values_and_addresses_are_escaped_after_the_styles_are_in_as_well()
    {
        const string name = "<img src=x onerror=\"alert(1)\">&amp;'&";
        var html = _renderer.Render(
            Template,
            new("s", "<p title=\"{{ sent_by }}\">{{ sent_by }}</p><a href=\"https://ours.test/?a=1&amp;b={{ sent_by }}\">x</a>", null),
            new Dictionary<string, string> { ["sent_by"] = name, ["at"] = "now" }, "Ann", Frame).Html;

        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(">&lt;img src=x onerror=\"alert(1)\"&gt;&amp;amp;'&amp;</p>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://ours.test/?a=1&amp;b=", html, StringComparison.Ordinal);
        using var document = new HtmlParser().ParseDocument(html);
        Assert.Equal(name, document.QuerySelector(".frame-body p")!.TextContent);
        Assert.Equal(name, document.QuerySelector(".frame-body p")!.GetAttribute("title"));
        Assert.Equal($"https://ours.test/?a=1&b={name}", document.QuerySelector("a")!.GetAttribute("href"));
    }

    [Theory]
    [InlineData("<!--[if mso]><table><tr><td width=\"600\"><![endif]-->")]
    [InlineData("<!--[if !mso]><!--><p>y</p><!--<![endif]-->")]
    [InlineData("<![if !mso]><p>y</p><![endif]>")]
    [InlineData("<!-- kept > here -->")]
    public void Comments_and_conditions_of_Outlook_stay(string comment)
    {
        var html = Html($"<p>x</p>{comment}");
        var first = comment[..(comment.IndexOf('>', StringComparison.Ordinal) + 1)];
        Assert.Contains(first, html, StringComparison.Ordinal);
        Assert.Equal(comment.Contains("endif", StringComparison.Ordinal), html.Contains("<![endif]", StringComparison.Ordinal));
        Assert.DoesNotContain("revealed", html, StringComparison.Ordinal);
    }

    /// <summary>Red when only the frame's sheets are told from others by luck: the library would open what a link or an import names.</summary>
    [Fact]
    public void Nothing_is_loaded_whatever_a_body_names()
    {
        var (asked, before) = (new RefusingDownloader(), WebDownloader.SharedDownloader);
        WebDownloader.SharedDownloader = asked;
        try
        {
            const string body = "<style>@import url('http://127.0.0.1:9/a.css'); @import \"file:///etc/passwd\";</style><p>x</p>";
            Assert.Contains("file:///etc/passwd", Html(body), StringComparison.Ordinal);
            foreach (var link in new[] { "<link rel=stylesheet href=http://127.0.0.1:9/b.css>", "<link rel=stylesheet href=file:///etc/passwd>" })
            {
                Assert.Contains(
                    new TemplateCheck().Check(Template, new("s", $"<p>x</p>{link}", null)),
                    fault => fault is TemplateFault.ActiveContent { What: "<link>" });
                // Past the check, as a preview or a stored body could be.
                var styled = InlineStyles.Of($"<html><head><style>p {{ color: red }}</style></head><body><p>x</p>{link}</body></html>");
                Assert.Contains("<p style=\"color: red\">x</p>", styled, StringComparison.Ordinal);
                var (mail, failure) = _renderer.RenderEdited(Template, new("s", $"<p>x</p>{link}", "x"), Template.SampleValues, "Ann", Frame);
                Assert.Contains("<link>", failure, StringComparison.Ordinal);
                Assert.DoesNotContain("127.0.0.1", mail.Html, StringComparison.Ordinal);
            }
        }
        finally
        {
            WebDownloader.SharedDownloader = before;
        }
        Assert.Empty(asked.Addresses);
    }

    public static TheoryData<string> Deep =>
    [
        Many("<div>", 101), Many("<b>", 101) + "x", Many("<table><tr><td>", 26) + Many("<div>", 1), Many("<blockquote><ul><li>", 60),
        // A parser sees these otherwise than they look: the ends are not the ends of what was begun.
        Many("<div><table><tr><td></div>", 60), Many("<span><p></span></p>", 120), Many("<span><div></span>", 60),
        Many("<style></div></style><div>", 120), Many("<title></div></title><div>", 120), Many("<div><!--</div>--></divx>", 120),
    ];

    [Theory, MemberData(nameof(Deep))]
    public void A_body_that_is_nested_too_deep_is_refused_and_a_stored_one_gives_way_to_the_default(string body)
    {
        var fault = Assert.Single(new TemplateCheck().Check(Template, new("s", body, "x")));
        Assert.Equal(100, Assert.IsType<TemplateFault.TooDeep>(fault).Most);

        var (mail, failure) = _renderer.RenderEdited(Template, new("s", body, "x"), Template.SampleValues, "Ann", Frame);

        Assert.Contains("100 deep", failure, StringComparison.Ordinal);
        Assert.Contains("Test message", mail.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void As_deep_and_as_large_as_it_may_be_it_is_taken()
    {
        string[] bodies =
        [
            Many("<div>", 100) + "x" + Many("</div>", 100), Many("<table><tr><td>", 25) + "x", Many("<p>x", 9_000), Many("<ul><li>x", 50),
            Many("<b>x</b>", 7_000), Many("<p>x<ul><li>x<li>y</ul>", 1_000), Many("<table><tr><td>x<td>y</table>", 1_000),
        ];
        Assert.All(bodies, body =>
        {
            Assert.Empty(new TemplateCheck().Check(Template, new("s", body, null)));
            Assert.Null(_renderer.RenderEdited(Template, new("s", body, null), Template.SampleValues, "Ann", Frame).EditedFailed);
        });
        Assert.IsType<TemplateFault.TooManyElements>(Assert.Single(new TemplateCheck().Check(Template, new("s", Many("<br>", 10_001), "x"))));
        // Twenty that are left open are opened again in each paragraph.
        var reopened = string.Concat(Enumerable.Range(0, 90).Select(i => $"<font size={i}>")) + Many("</p>x<p>", 2_000);
        Assert.IsType<TemplateFault.TooManyElements>(Assert.Single(new TemplateCheck().Check(Template, new("s", reopened, "x"))));
    }

    /// <summary>Neither the stack nor the time ends, whatever a stored body holds. Each of these fills a body.</summary>
    [Fact]
    public void Building_a_mail_of_whatever_is_stored_takes_no_seconds()
    {
        string Full(string part) => Many(part, 60_000 / part.Length);
        string[] bodies =
        [
            Full("<div>"), Full("<b>"), Full("<p>x"), Full("<span><p></span></p>"), Full("<div><table><tr><td></div>"), Full("<a href=x>x"),
            Full("<i><p></i>"), Full("<p style='" + new string(';', 50) + "'>"), $"<p style=\"{Full(";")[..59_000]}\">",
            $"<p style=\"{Full("/")[..59_000]}\">", $"<p style=\"{Full("url(")[..59_000]}\">", $"<style>{Full("a{b:c}")[..59_000]}</style>",
            $"<p class=\"{Full("a ")[..59_000]}\">", Full("<p "), Full("<td>"), Full("<ul><li>"), Full("<font size=1>x</p>"), Full("<![if x]>"),
            $"<p class=\"{string.Join(' ', Enumerable.Range(0, 10_000))}\">",
        ];
        _renderer.RenderEdited(Template, new("s", "<p>x", null), Template.SampleValues, "Ann", Frame);
        Assert.All(bodies, body =>
        {
            var used = Environment.CpuUsage.TotalTime;
            _renderer.RenderEdited(Template, new("s", body, null), Template.SampleValues, "Ann", Frame);
            used = Environment.CpuUsage.TotalTime - used;
            Assert.True(used < TimeSpan.FromSeconds(5), $"{used.TotalMilliseconds} ms: {body[..30]}");
        });
    }

    /// <summary>Prints what a mail costs; the limit is far above, because the machine is shared.</summary>
    [Fact]
    public void Building_a_mail_costs_milliseconds()
    {
        var template = TemplateCatalogue.MfaDisabled;
        void Build() => _renderer.Render(template, TemplateText.Default(template), template.SampleValues, "Ann Lee", Frame);
        for (var i = 0; i < 100; i++) Build();
        var times = Enumerable.Range(0, 100).Select(_ =>
        {
            var watch = Stopwatch.StartNew();
            Build();
            return watch.Elapsed.TotalMilliseconds;
        }).Order().ToList();

        TestContext.Current.TestOutputHelper?.WriteLine($"median {times[50]:0.00} ms, least {times[0]:0.00} ms, p95 {times[95]:0.00} ms");
        Assert.True(times[0] < 5, $"{times[0]} ms");
    }

    private string Html(string body) => _renderer.Render(Template, new("s", body, null), Template.SampleValues, "Ann", Frame).Html;

    private static string Many(string part, int times) => string.Concat(Enumerable.Repeat(part, times));

    private static (string?, string?, string?) Attributes(AngleSharp.Dom.IElement element, string first, string second, string third) =>
        (element.GetAttribute(first), element.GetAttribute(second), element.GetAttribute(third));

    private sealed class RefusingDownloader : IWebDownloader
    {
        public List<Uri> Addresses { get; } = [];

        public string DownloadString(Uri uri)
        {
            Addresses.Add(uri);
            throw new WebException("Nothing is loaded.");
        }
    }
}
