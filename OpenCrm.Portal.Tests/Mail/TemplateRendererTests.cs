using System.Diagnostics;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.Mail;

public sealed class TemplateRendererTests
{
    private static readonly DateTimeOffset At = new(2026, 10, 12, 10, 41, 0, TimeSpan.FromHours(2));
    private static readonly MailFrame Frame = new("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test");
    private static readonly PortalUser Elena = new()
    {
        Id = Guid.CreateVersion7(At),
        Name = "Elena Rossi",
        UserName = "e.rossi",
        Email = "elena@northwind.test"
    };
    private static readonly Caller.Person Jonas = new(Guid.CreateVersion7(At), "Jonas Weber", Guid.Empty, true, At) { Address = "203.0.113.24" };
    private static readonly Caller Herself = new Caller.Person(Elena.Id, "Elena Rossi", Guid.Empty, false, At);

    private readonly TemplateRenderer _renderer = new();

    public static TheoryData<string> Keys => [.. TemplateCatalogue.All.Select(t => t.Key)];

    [Theory, MemberData(nameof(Keys))]
    public void Every_default_template_renders_with_its_sample_values(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var mail = _renderer.Render(template, TemplateText.Default(template), template.SampleValues, "Ann Lee", Frame);

        Assert.NotEmpty(mail.Subject);
        Assert.All([mail.Html, mail.Text], body =>
        {
            Assert.Contains("Ann Lee", body, StringComparison.Ordinal);
            Assert.Contains("You get this email because", body, StringComparison.Ordinal);
            Assert.Contains("portal.northwind.test", body, StringComparison.Ordinal);
            Assert.DoesNotContain("{{", body, StringComparison.Ordinal);
            Assert.DoesNotContain("{%", body, StringComparison.Ordinal);
        });
        Assert.Contains("Northwind Instruments", mail.Html, StringComparison.Ordinal);
        Assert.All(
            template.OwnFields.Where(f => f.Required),
            f => Assert.Contains($"https://portal.northwind.test{f.Sample}", mail.Text, StringComparison.Ordinal));
    }

    public static TheoryData<MailDraft> Drafts =>
        [
            .. Enum.GetValues<MfaDisabledBy>()
                .Select(how => new MailDraft.MfaDisabledToAdministrator(new("ann@northwind.test", "Ann Lee"), Elena, how, Jonas, At)),
            .. Enum.GetValues<MfaDisabledBy>().Select(how => new MailDraft.MfaDisabledToPerson(Elena, how, new Caller.Console(), At)),
            new MailDraft.MfaSetUp(Elena, Replaced: false, Herself, At),
            new MailDraft.MfaSetUp(Elena, Replaced: true, Jonas, At),
            new MailDraft.LostDeviceLink(Elena, "TOKEN", At, null),
            new MailDraft.ForgottenPassword(Elena, "TOKEN", At, new Caller.Nobody()),
            new MailDraft.ForgottenPassword(Elena, "TOKEN", At, Jonas),
            new MailDraft.Invitation(Elena, "TOKEN", At, new Caller.Console()),
            new MailDraft.AccountLocked(Elena, 5, null, At, null),
            new MailDraft.AccountLocked(Elena, 1, At, At, "203.0.113.24"),
            new MailDraft.AccountLocked(Elena, null, DateTimeOffset.MaxValue, At, null),
            new MailDraft.EmailChanged(new("old@northwind.test", "Elena Rossi"), Elena, Herself, At),
            new MailDraft.Test(new("ann@northwind.test", "Ann Lee"), At),
        ];

    [Theory, MemberData(nameof(Drafts), DisableDiscoveryEnumeration = true)]
    public void Every_draft_fills_all_fields_of_its_template_and_tells_none_to_a_log(MailDraft draft)
    {
        Assert.Equal(draft.Template.OwnFields.Select(f => f.Name).Order(), draft.Values.Keys.Order());
        var mail = Render(draft);
        Assert.DoesNotContain("{", mail.Subject + mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("TOKEN", $"{draft} {mail}", StringComparison.Ordinal);
    }

    [Fact]
    public void The_mail_to_administrators_says_whose_MFA_how_when_and_from_where()
    {
        var mail = Render(
            new MailDraft.MfaDisabledToAdministrator(new("ann@northwind.test", "Ann Lee"), Elena, MfaDisabledBy.Administrator, Jonas, At));

        Assert.Equal("MFA was disabled for Elena Rossi", mail.Subject);
        Assert.All([mail.Html, mail.Text], body =>
        {
            Assert.Contains("Elena Rossi (e.rossi)", body, StringComparison.Ordinal);
            Assert.Contains("By the system administrator Jonas Weber", body, StringComparison.Ordinal);
            Assert.Contains("12 October 2026, 08:41 (UTC)", body, StringComparison.Ordinal);
            Assert.Contains("203.0.113.24", body, StringComparison.Ordinal);
            Assert.Contains($"https://portal.northwind.test/settings/users/{Elena.Id}", body, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(5, null, "after 5 failed attempts to sign in. It stays locked until a system administrator unlocks it.")]
    [InlineData(1, 60, "after 1 failed attempt to sign in. It opens again by itself on 12 October 2026, 09:41 (UTC).")]
    [InlineData(null, null, "is locked by a system administrator.")]
    public void A_locked_person_reads_why_and_until_when(int? attempts, int? minutes, string sentence)
    {
        var until = minutes is { } m ? At.AddMinutes(m) : default(DateTimeOffset?);
        Assert.Contains(sentence, Render(new MailDraft.AccountLocked(Elena, attempts, until, At, null)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_escaped_in_HTML_and_plain_in_text()
    {
        var mail = Render("{{ sent_by }}", "<b title=\"x\">&'</b>");

        Assert.Contains("&lt;b title=\"x\"&gt;&amp;'&lt;/b&gt;", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b ", mail.Html, StringComparison.Ordinal);
        Assert.StartsWith("<b title=\"x\">&'</b>", mail.Text, StringComparison.Ordinal);
        Assert.Equal("<b title=\"x\">&'</b>", mail.Subject);
    }

    [Theory]
    [InlineData("Ann\r\nBcc: all@northwind.test")]
    [InlineData("Ann\nBcc: all@northwind.test")]
    [InlineData("Ann\u2028Bcc: all@northwind.test")]
    [InlineData("Ann\u2029Bcc: all@northwind.test")]
    [InlineData("\u202eAnn\u0000 Bcc: \u2066all@north\u0085wind.test\ud800\u001b")]
    public void A_value_cannot_add_a_line_or_turn_the_text_around(string name)
    {
        var mail = Render("{{ sent_by }}", name);

        Assert.All([mail.Subject, mail.Text[..mail.Text.IndexOf("\n\n--", StringComparison.Ordinal)]], line =>
        {
            Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202e' or '\u2066' || char.IsSurrogate(c));
            Assert.Contains("Bcc: ", line, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_value_is_never_read_as_Liquid()
    {
        var mail = Render("{{ sent_by }}", "{{ portal_url }}{% assign x = 1 %}");

        Assert.StartsWith("{{ portal_url }}{% assign x = 1 %}", mail.Text, StringComparison.Ordinal);
        Assert.Equal("{{ portal_url }}{% assign x = 1 %}", mail.Subject);
    }

    [Theory]
    [InlineData("{{ password_hash }}")]
    [InlineData("{{ User.PasswordHash }}")]
    [InlineData("{{ sent_by.Length }}")]
    [InlineData("{{ sent_by['Length'] }}")]
    [InlineData("{% if secret %}x{% endif %}")]
    [InlineData("{{ sent_by | raw }}")]
    [InlineData("{{ sent_by | replace: 'a', 'b' }}")]
    [InlineData("{{ sent_by | json }}")]
    [InlineData("{{ 'now' | date: '%Y' }}")]
    [InlineData("{{ sent_by | nonsense }}")]
    [InlineData("{% for i in (1..1000000000) %}x{% endfor %}")]
    [InlineData("{% capture x %}x{% endcapture %}")]
    [InlineData("{% include 'x' %}")]
    [InlineData("{% render 'x' %}")]
    [InlineData("{% raw %}x{% endraw %}")]
    [InlineData("{% comment %}x{% endcomment %}")]
    [InlineData("{% liquid echo sent_by %}")]
    [InlineData("{% if sent_by %}x")]
    [InlineData("{{ sent_by ")]
    public void What_a_template_may_not_do_is_refused(string source) =>
        Assert.Throws<TemplateFailedException>(() => Render(source, "Ann"));

    [Theory]
    [InlineData("append: 'x'"), InlineData("capitalize"), InlineData("default: 'x'"), InlineData("downcase")]
    [InlineData("lstrip"), InlineData("prepend: 'x'")]
    [InlineData("remove: 'x'"), InlineData("rstrip"), InlineData("strip")]
    [InlineData("truncate: 200"), InlineData("truncatewords: 9"), InlineData("upcase")]
    public void No_filter_lets_a_value_out_unescaped(string filter)
    {
        var mail = Render($"{{{{ sent_by | {filter} }}}}{{% assign y = sent_by | {filter} %}}{{{{ y }}}}", "<img src=x>");
        Assert.DoesNotContain("<img", mail.Html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;img", mail.Html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_template_can_neither_fill_the_memory_nor_overflow_the_stack_nor_keep_the_sender_busy()
    {
        var watch = Stopwatch.StartNew();
        var doubling = "{% assign a = sent_by %}" + string.Concat(Enumerable.Repeat("{% assign a = a | append: a %}", 60)) + "{{ a }}";
        var nested = string.Concat(Enumerable.Repeat("{% if sent_by %}", 3_000)) + string.Concat(Enumerable.Repeat("{% endif %}", 3_000));
        var deepIndex = "{{ sent_by" + string.Concat(Enumerable.Repeat("[sent_by", 10_000)) + new string(']', 10_000) + " }}";
        var unclosed = string.Concat(Enumerable.Repeat("{% if sent_by %}{{ ", 3_000));
        // Templates that hide their depth from a simpler check: ends inside comments and quotes, and a tag that goes on after quoted braces.
        var commented = string.Concat(Enumerable.Repeat("{% if sent_by %}{% comment %}{% endif %}{% endcomment %}", 1_000));
        var quoted = string.Concat(Enumerable.Repeat("{% if sent_by != \"%}{% endif %}\" %}", 2_000));
        var escaped = "{{ sent_by[\"\\\" }}\"]" + string.Concat(Enumerable.Repeat("[sent_by", 5_000)) + " }}";
        // As deep as allowed, and wrong at the very end.
        var twenty = string.Concat(Enumerable.Repeat("{% if sent_by %}{% case sent_by %}{% when 'Ann' %}", 10)) + "{% nonsense %}";
        // Grows inside a single tag, and prints almost nothing.
        var chained = "{% assign a = sent_by %}"
            + string.Concat(Enumerable.Repeat("{% assign a = a | append: a %}", 11))
            + "{{ a" + string.Concat(Enumerable.Repeat(" | append: a", 70)) + " | size }}";
        var brackets = "{{ " + string.Concat(Enumerable.Repeat("sent_by[", 120)) + "1" + new string(']', 119) + " }}";
        Assert.All(
            [doubling, nested, deepIndex, unclosed, commented, quoted, escaped, twenty, chained, brackets],
            source => Assert.Throws<TemplateFailedException>(() => Render(source, "Ann")));
        // Passes with the sample, and grows too long with a long name.
        Assert.Throws<TemplateFailedException>(() => Render(string.Concat(Enumerable.Repeat("{{ sent_by }}", 4_000)), new string('n', 200)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
    }

    [Fact]
    public void As_much_as_a_tag_and_its_depth_may_hold_renders()
    {
        var deep = string.Concat(Enumerable.Repeat("{% if sent_by == 'it isn’t' or sent_by != \"it's\" %}", 20)) + "{{ sent_by | default: \"it's\" }}"
            + string.Concat(Enumerable.Repeat("{% endif %}", 20)) + " { { } } %} }} 100%";
        var chain = "{% if sent_by" + string.Concat(Enumerable.Repeat(" and sent_by", 80)) + " %}{{ sent_by }}{% endif %}";

        Assert.StartsWith("Ann { { } } %} }} 100%", Render(deep, "Ann").Text, StringComparison.Ordinal);
        Assert.StartsWith("Ann", Render(chain, "Ann").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stored_template_that_fails_gives_way_to_the_default()
    {
        var template = TemplateCatalogue.Test;
        var stored = new MailTemplate { Key = template.Key, Subject = "Hi", HtmlBody = "{{ nobody_knows }}", TextBody = "Hi", ChangedBy = "Ann" };

        var (mail, failure) = _renderer.RenderEdited(template, TemplateText.Of(stored), template.SampleValues, "Ann Lee", Frame);

        Assert.Equal("Test message from Northwind Instruments", mail.Subject);
        Assert.Contains("nobody_knows", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void The_subject_of_an_edited_template_stays_one_line_too() =>
        Assert.Equal(
            "One Two",
            _renderer.Render(TemplateCatalogue.Test, new("One\r\nTwo", "x", "x"), TemplateCatalogue.Test.SampleValues, "Ann", Frame).Subject);

    private RenderedMail Render(MailDraft draft) =>
        _renderer.Render(draft.Template, TemplateText.Default(draft.Template), draft.Values, draft.To.Name, Frame);

    private RenderedMail Render(string source, string sentBy) => _renderer.Render(
        TemplateCatalogue.Test, new(source, source, source), new Dictionary<string, string> { ["sent_by"] = sentBy, ["at"] = "now" }, "Ann", Frame);
}
