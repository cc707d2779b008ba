using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>The text part of a mail, made from its HTML.</summary>
public sealed class PlainTextTests
{
    private static readonly MailFrame Frame = new("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test");

    private readonly TemplateRenderer _renderer = new();

    public static TheoryData<string> Keys => [.. TemplateCatalogue.All.Select(t => t.Key)];

    /// <summary>Each with its sample values. What differs is to be looked at, and then written into the file.</summary>
    [Theory, MemberData(nameof(Keys))]
    public async Task The_text_of_each_default_is_the_one_that_was_looked_at(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var text = _renderer.Render(template, TemplateText.Default(template), template.SampleValues, "Ann Lee", Frame).Text;
        var file = Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal.Tests", "Mail", "TextsOfDefaults", $"{key}.txt");
        Assert.Equal((await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n").TrimEnd(), text.TrimEnd());
    }

    [Theory]
    [InlineData("<h1>Hello</h1>\n<p>One\n  two <b>three</b>.</p><p>Four</p>", "Hello\n\nOne two three.\n\nFour")]
    [InlineData("<table class=facts><tr><th>When</th><td>now</td></tr>\n<tr><th>Who:</th><td> Ann </td></tr></table><p>x",
        "When: now\nWho: Ann\n\nx")]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>", "a b\nc d")]
    [InlineData("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "A B\n1 2")]
    [InlineData("<a class=button href='https://a.test/x?y=1&amp;z=2#t'>Open <i>it</i></a>", "Open it: https://a.test/x?y=1&z=2#t")]
    [InlineData("<a href='https://a.test/'>https://a.test/</a> and <a href='https://a.test/x'>a.test/x</a>", "https://a.test/ and https://a.test/x")]
    [InlineData("<a href='https://a.test'>Look here:</a>", "Look here: https://a.test")]
    [InlineData("(<a href='https://a.test'>here</a>).", "(here: https://a.test ).")]
    [InlineData("<a href='mailto:a@b.test'>a@b.test</a> <a href='tel:1'>Call</a> <a href='/x'>y</a> <a name=z>w</a>", "a@b.test Call: 1 y w")]
    [InlineData("<p>See <a href='https://a.test'>this</a> now</p>", "See this: https://a.test now")]
    [InlineData("<a href='https://a.test'><img alt=Logo src=cid:x></a><img src=cid:y>", "Logo: https://a.test")]
    [InlineData("<p>x</p><ul><li>a</li><li>b<ul><li>c</ul><li>d</ul><ol><li>e<li>f</ol>y", "x\n\n- a\n- b\n  - c\n- d\n\n1. e\n2. f\n\ny")]
    [InlineData("a<br>b<br><br>c<br><br><br><br>d<p>e<br></p>f", "a\nb\n\nc\n\nd\n\ne\n\nf")]
    [InlineData("a<hr>b<div>c</div>d", "a\n\n----------\n\nb\nc\nd")]
    [InlineData("<pre>a  b\n c</pre>d&nbsp;&nbsp;e", "a  b\n c\n\nd  e")]
    [InlineData("<style>p { color: red }</style><title>t</title><!-- c --><p>x</p>", "x")]
    [InlineData("&lt;b&gt; &amp;amp; &#x27;", "<b> &amp; '")]
    [InlineData("  <p> </p>\n<div></div> ", "")]
    public void It_reads_as_the_HTML_looks(string html, string text) => Assert.Equal(text, PlainText.Of(html));

    [Fact]
    public void A_line_is_as_long_as_its_paragraph() =>
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 500)), PlainText.Of($"<p>{string.Join('\n', Enumerable.Range(0, 500))}"));

    /// <summary>Whoever writes the text by hand begins with this. The fields stay, and no dash takes the end of a line away.</summary>
    [Fact]
    public void Of_a_template_the_fields_and_conditions_stay()
    {
        const string html =
            """
            {% if at != '' %}<h1>Hello {{ recipient_name }}</h1>{% endif %}
            <table class="facts">
            <tr><th>When</th><td>{{ at }}</td></tr>
            {%- if sent_by != '' -%}
            <tr><th>By</th><td>{{- sent_by -}}</td></tr>
            {%- endif %}
            </table>
            <p>Sent{% if at %} once{% else %} twice{% endif %}. {% if at %}Yes{% endif %}</p>
            <p><a href="{{- portal_url -}}">Open</a> <a href="{{portal_url}}">{{ portal_url }}</a></p>
            """;
        Assert.Equal(
            """
            {% if at != '' %}Hello {{ recipient_name }}

            {% endif %}When: {{ at }}
            {% if sent_by != '' %}By: {{ sent_by }}
            {% endif %}
            Sent{% if at %} once{% else %} twice{% endif %}. {% if at %}Yes{% endif %}

            Open: {{ portal_url }} {{ portal_url }}
            """,
            PlainText.OfTemplate(html));
        Assert.Null(PlainText.OfTemplate("<script>"));
        Assert.Null(PlainText.OfTemplate(string.Concat(Enumerable.Repeat("<div>", 101))));
        Assert.Equal("{{ x {% y", PlainText.OfTemplate("{{ x {% y"));
        Assert.Equal("a {% if at == '-->' %}b{% endif %}", PlainText.OfTemplate("a {% if at == '-->' %}b{% endif %}"));
    }

    [Theory, MemberData(nameof(Keys))]
    public void Written_by_hand_and_left_alone_the_text_is_the_one_that_is_made(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var text = TemplateText.Default(template);
        var written = text with { Text = PlainText.OfTemplate(text.Html) };

        Assert.Empty(new TemplateCheck().Check(template, written));
        var without = template.SampleValues.ToDictionary(v => v.Key, v => template.Secrets.Contains(v.Key) ? v.Value : "");
        foreach (var values in new[] { template.SampleValues, without })
        {
            // Written by hand, the blanks beside a value stay where it is empty.
            Assert.Equal(
                Words(_renderer.Render(template, text, values, "Ann Lee", Frame).Text),
                Words(_renderer.Render(template, written, values, "Ann Lee", Frame).Text));
        }
    }

    [Theory]
    [InlineData("<p>x</p><a href=\"{{ link }}\">Go</a>."), InlineData("https://evil.test/?<a href=\"{{ link }}\">Go</a>x")]
    [InlineData("<a href=\"{{ link }}\">{{ link }}</a>!"), InlineData("a<b></b><a href=\"{{ link }}\"></a>b")]
    public void A_live_link_stands_by_itself(string html)
    {
        var template = TemplateCatalogue.LostDeviceLink;
        Assert.Empty(new TemplateCheck().Check(template, new("s", html, null)));
        var (mail, failure) = _renderer.RenderEdited(template, new("s", html, null), template.SampleValues, "Ann", Frame);
        Assert.Null(failure);
        Assert.Matches(@"(^|\s)https://portal\.northwind\.test/lost-device/confirm#sample(\s|$)", mail.Text);
    }

    [Fact]
    public void What_the_text_lacks_is_told_of_the_HTML()
    {
        var template = TemplateCatalogue.LostDeviceLink;
        // Only a title, which no text shows, holds the link.
        Assert.Equal(
            new TemplateFault.RequiredMissing(TemplateParts.Html, "link"),
            Assert.Single(new TemplateCheck().Check(template, new("s", "<title>{{ link }}</title>x", null))));
        // Outside of a table these are no cells, and nothing separates them.
        Assert.Equal(
            new TemplateFault.LinkMisplaced(TemplateParts.Html, "link", null),
            Assert.Single(new TemplateCheck().Check(template, new("s", "<td>https://ours.test</td><td>{{ link }}</td>", null))));
        Assert.Equal(
            new TemplateFault.Empty(TemplateParts.Text),
            Assert.Single(new TemplateCheck().Check(TemplateCatalogue.Test, new("s", "<img src=\"cid:x\">", null))));
    }

    private static string Words(string text) =>
        string.Join('\n', text.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
}
