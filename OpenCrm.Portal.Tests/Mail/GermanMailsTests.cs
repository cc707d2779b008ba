using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.EmailTemplates;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Data;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>People get mails in their own language, and each language of a template is a text of its own (docs/spec.md 6.4).</summary>
public sealed class GermanMailsTests(PostgresCluster postgres)
{
    private static readonly MailFrame Frame = new("Northwind Instruments", "https://portal.northwind.test", "portal@northwind.test")
    {
        Language = Languages.German,
    };

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    public static TheoryData<string> Keys => [.. TemplateCatalogue.All.Select(t => t.Key)];

    [Theory, MemberData(nameof(Keys))]
    public void A_German_default_passes_the_check_and_shows_the_same_fields_as_the_English_one(string key)
    {
        var (template, liquid) = (TemplateCatalogue.Find(key)!, new MailLiquid());
        var (english, german) = (TemplateText.Default(template), TemplateText.Default(template, Languages.German));

        Assert.Empty(new TemplateCheck().Check(template, german));
        Assert.Equal(TemplateParts.Subject | TemplateParts.Html, english.DifferenceTo(german));
        foreach (var (one, other) in new[]
        {
            (english.Subject, german.Subject), (english.Html, german.Html),
            (TemplateText.Read($"{key}.reason"), TemplateText.Read($"{key}.reason", Languages.German)),
            (TemplateText.Read("frame.footer"), TemplateText.Read("frame.footer", Languages.German)),
        })
        {
            Assert.NotEqual(one, other);
            Assert.Equal(FieldsOf(one), FieldsOf(other));
        }
        // Every word that a value may be has its sentence.
        Assert.Equal(Words(english.Html), Words(german.Html));

        IEnumerable<string> FieldsOf(string source) => FieldsUsed.Of(liquid.Parse(source)).Fields.Distinct().Order(StringComparer.Ordinal);
        static IEnumerable<string> Words(string source) => source.Split('\'').Where((_, i) => i % 2 == 1).Distinct().Order(StringComparer.Ordinal);
    }

    /// <summary>Each with its sample values. What differs is to be looked at, and then written into the file.</summary>
    [Theory, MemberData(nameof(Keys))]
    public async Task The_text_of_each_German_default_is_the_one_that_was_looked_at(string key)
    {
        var template = TemplateCatalogue.Find(key)!;
        var mail = new TemplateRenderer().Render(
            template, TemplateText.Default(template, Languages.German), template.SampleValuesIn(Languages.German), "Ann Lee", Frame);
        var file = Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal.Tests", "Mail", "TextsOfDefaults", "de", $"{key}.txt");
        Assert.Contains("<html lang=\"de\"", mail.Html, StringComparison.Ordinal);
        Assert.Equal((await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n").TrimEnd(), mail.Text.TrimEnd());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_German_gets_German_mails_and_an_English_administrator_English_ones_of_the_same_event(DatabaseKind database)
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database, sink.Receives);
        var elena = await PersonAsync(portal, "elena", "de", enrolled: true);
        var boss = await PersonAsync(portal, "boss", "en", administrator: true);
        // The choice on the record comes before what the browser said.
        var chefin = await PersonAsync(portal, "chefin", "de", administrator: true, browser: "en");

        var token = await portal.LinkAsync(elena);
        Assert.IsType<LostDeviceOutcome.Proved>(await portal.ConfirmAsync(token, elena));

        var link = await sink.Mailbox.WaitForAsync(elena.Email, "lost-device-link");
        AssertLanguage("de", link);
        Assert.Equal("Anmelden ohne Ihr Gerät", link.Subject);
        Assert.Matches(@"Der Link gilt: einmal, bis \d{1,2}\. \p{L}+ \d{4}, \d\d:\d\d Uhr \(UTC\)", link.TextBody);
        Assert.Contains("Gesendet vom Portal auf localhost", link.TextBody, StringComparison.Ordinal);
        AssertLanguage("de", await sink.Mailbox.WaitForAsync(elena.Email, "mfa-removed"));
        var english = await sink.Mailbox.WaitForAsync(boss.Email, "mfa-disabled");
        AssertLanguage("en", english);
        Assert.Equal("MFA was disabled for elena", english.Subject);
        Assert.Contains("How: By the user at sign-in, with a lost-device link", english.TextBody, StringComparison.Ordinal);
        var german = await sink.Mailbox.WaitForAsync(chefin.Email, "mfa-disabled");
        AssertLanguage("de", german);
        Assert.Equal("MFA wurde für elena deaktiviert", german.Subject);
        Assert.Contains("Wie: Durch den Benutzer bei der Anmeldung, mit einem Link bei Geräteverlust", german.TextBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("de", "en", "de")]
    [InlineData("en", "de", "en")]
    [InlineData(null, "de", "de")]
    [InlineData(null, null, "en")]
    [InlineData("tlh", "fr", "en")]
    public void The_choice_comes_before_the_browser_and_the_browser_before_English(string? chosen, string? browser, string language) =>
        Assert.Equal(
            language, MailRecipient.Of(new() { Email = "a@example.test", Language = chosen, BrowserLanguage = browser }).Language.Name);

    [Theory, MemberData(nameof(Both))]
    public async Task Without_a_choice_the_language_is_that_of_the_page_where_the_mail_was_asked_for_else_of_the_last_sign_in(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await PersonAsync(portal, "bob", "en", enrolled: true));
        foreach (var person in new[] { ada, bob }) await Languages.In(Languages.German, () => portal.AskAsync(person.Username));
        await portal.AnsweredAsync();

        var mails = await portal.RowsAsync<OutboxEntry>();
        Assert.Equal(
            [(ada.Email, "de"), (bob.Email, "en")],
            mails.Select(mail => (mail.RecipientAddress, mail.Language)).OrderBy(mail => mail.RecipientAddress, StringComparer.Ordinal));
        Assert.Null((await portal.UserAsync(ada)).BrowserLanguage);

        // A request without a language leaves what an earlier one said.
        var eve = await portal.AddPersonAsync("eve");
        foreach (var (accept, remembered) in new[] { ("de-AT,en;q=0.5", "de"), (null, "de"), ("fr", "de"), ("en-GB", "en") })
        {
            await using var visitor = CircuitVisitor.At(portal);
            visitor.AcceptLanguage = accept;
            var proved = Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync(eve.Username, eve.Password));
            Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(proved.Ticket));
            Assert.Equal(remembered, (await portal.UserAsync(eve)).BrowserLanguage);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_edited_German_text_is_sent_to_Germans_only_and_has_a_history_of_its_own(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await postgres.NewAsync(database));
        await using var ann = await portal.SignedInAsync(await portal.AddPersonAsync("ann", administrator: true));
        var (editor, template, mailbox) = (
            ann.ServiceProvider.GetRequiredService<TemplateEditor>(), TemplateCatalogue.Test, new Mailbox(portal.PickupFolder));
        var (english, german) = (new TemplateText("Ours", "<p>ours</p>", null), new TemplateText("Unser", "<p>unser</p>", null));
        Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(template, english, 0));

        // Another language begins at its own default and counts its own versions.
        var standing = (await editor.ReadAsync("test", Languages.German))!;
        Assert.Equal((0, true, Languages.German), (standing.Version, standing.IsDefault, standing.Language));
        Assert.Equal(TemplateText.Default(template, Languages.German), standing.Text);
        var saved = Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(template, german, 0, Languages.German)).Now;
        Assert.Equal((1, german), (saved.Version, saved.Text));
        Assert.Equal(english, (await editor.ReadAsync("test"))!.Text);
        Assert.IsType<TemplateOutcome.SavedMeanwhile>(await editor.SaveAsync(template, german with { Subject = "x" }, 0, Languages.German));
        Assert.Single(await editor.ReadHistoryAsync(template));
        Assert.Single(await editor.ListAsync(Languages.German), text => !text.IsDefault);

        await SendAsync("en", "de");
        Assert.Equal("Ours", (await mailbox.WaitForAsync("en@example.test")).Subject);
        Assert.Equal("Unser", (await mailbox.WaitForAsync("de@example.test")).Subject);
        Assert.IsType<TemplateOutcome.TestQueued>(await editor.SendTestAsync(template, german, Languages.German));
        var test = await mailbox.WaitForAsync("ann@example.test");
        Assert.Equal("Test: Unser", test.Subject);
        AssertLanguage("de", test);

        // A text that fails is replaced by the default of its language, and said to be the German one.
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<MailTemplate>().Where(t => t.Language == "de").ExecuteUpdateAsync(set => set.SetProperty(t => t.HtmlBody, "{{ gone }}"));
            await work.CommitAsync();
        }
        await SendAsync("de");
        // Both are of one moment of this clock, so that their order says nothing.
        await mailbox.WaitForAsync("de@example.test", count: 2);
        Assert.Single(mailbox.Of("de@example.test"), mail => mail.Subject!.StartsWith("Testnachricht von ", StringComparison.Ordinal));
        await Eventually.TrueAsync(
            async () => (await editor.ReadAsync("test", Languages.German))!.Failure is not null, "the failure is noted at the German text");
        Assert.Null((await editor.ReadAsync("test"))!.Failure);

        var reset = Assert.IsType<TemplateOutcome.Saved>(await editor.ResetAsync(template, 1, Languages.German)).Now;
        Assert.Equal((2, true), (reset.Version, reset.IsDefault));
        Assert.Equal(
            german, Assert.IsType<TemplateOutcome.Saved>(await editor.RestoreAsync(template, from: 1, version: 2, Languages.German)).Now.Text);
        Assert.Equal((1, english), ((await editor.ReadAsync("test"))!.Version, (await editor.ReadAsync("test"))!.Text));
        var events = await portal.RowsAsync<AuditEntry>(entries => entries.Where(e => e.Kind.StartsWith("Template")).OrderBy(e => e.Id));
        Assert.Equal(["test", "test/de", "test/de", "test/de", "test/de"], events.Select(e => e.Details.Split('"')[3]));
        Assert.StartsWith("Test (Deutsch), version 1", AuditWording.Details(events[1].Kind, events[1].Details, _ => ""), StringComparison.Ordinal);

        async Task SendAsync(params string[] languages)
        {
            await using var work = await portal.BeginAsync();
            foreach (var name in languages)
                work.Queue(new MailDraft.Test(new($"{name}@example.test", name) { Language = Languages.Find(name)! }, work.Now));
            await work.CommitAsync();
        }
    }

    /// <summary>An invited person has never been here; whoever made the account most likely speaks the same language.</summary>
    [Fact]
    public async Task An_invitation_is_in_the_language_of_the_administrator_who_made_the_account()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await portal.SignedInAsync(await portal.AddPersonAsync("ann", administrator: true));
        var details = ann.ServiceProvider.GetRequiredService<UserDetails>();

        await Languages.In(Languages.German, () => details.CreateAsync(new UserEdit("neu", "Neu Hier", "neu@example.test", false)));

        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync("neu@example.test", "invitation");
        AssertLanguage("de", mail);
        Assert.StartsWith("Ihr Konto bei ", mail.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_is_told_in_the_language_of_whoever_edits()
    {
        static string Why(CultureInfo language) => Languages.In(language, () =>
            Assert.IsType<TemplateFault.Syntax>(Assert.Single(
                new TemplateCheck().Check(TemplateCatalogue.Test, new("s", "{{ \"a\\b\" }}", null)))).Why);

        Assert.Equal("A tag holds a backslash.", Why(Languages.English));
        Assert.Equal("Ein Tag enthält einen umgekehrten Schrägstrich.", Why(Languages.German));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Templates_edited_before_there_were_languages_are_the_English_ones(DatabaseKind kind)
    {
        var node = new StartingNode((await postgres.NewAsync(kind)).ToConfiguration(Reaper.NewFolder("data"), null));
        await using var context = node.Database.CreateContext();
        var before = context.Database.GetMigrations().TakeWhile(name => !name.EndsWith("_TemplateLanguages", StringComparison.Ordinal)).Last();
        await context.GetService<IMigrator>().MigrateAsync(before);
        var time = kind == DatabaseKind.Sqlite ? "0" : "now()";
        var edited =
            $"""
            INSERT INTO "MailTemplates" ("Key", "Subject", "HtmlBody", "TextBody", "Version", "ChangedAt", "ChangedBy")
            VALUES ('test', 'Ours', '<p>ours</p>', NULL, 2, {time}, 'Ann');
            INSERT INTO "MailTemplateVersions" ("Key", "Version", "Subject", "HtmlBody", "TextBody", "Change", "Parts", "SavedAt", "SavedBy")
            VALUES ('test', 1, 'First', '<p>first</p>', NULL, 0, 3, {time}, 'Ann'), ('test', 2, 'Ours', '<p>ours</p>', NULL, 0, 3, {time}, 'Ann');
            """;
        await context.Database.ExecuteSqlRawAsync(edited);

        await context.Database.MigrateAsync();

        var stored = await context.Set<MailTemplate>().SingleAsync();
        Assert.Equal(("en", "Ours", "<p>ours</p>", 2), (stored.Language, stored.Subject, stored.HtmlBody, stored.Version));
        Assert.Equal(
            [("en", 1, "First"), ("en", 2, "Ours")],
            (await context.Set<MailTemplateVersion>().OrderBy(v => v.Version).ToListAsync()).Select(v => (v.Language, v.Version, v.Subject)));
        // The same key once more, in another language.
        context.Add(new MailTemplate { Key = "test", Language = "de", Subject = "Unser", HtmlBody = "x", TextBody = null, ChangedBy = "Ann" });
        Assert.Equal(1, await context.SaveChangesAsync());
    }

    private static void AssertLanguage(string language, MimeMessage mail)
    {
        Assert.Equal(language, mail.Body!.Headers[HeaderId.ContentLanguage]);
        Assert.Contains($"<html lang=\"{language}\"", mail.HtmlBody, StringComparison.Ordinal);
    }

    private static async Task<TestPerson> PersonAsync(
        PortalHost portal, string name, string language, bool administrator = false, bool enrolled = false, string? browser = null)
    {
        var person = await portal.AddPersonAsync(name, enrolled, administrator);
        await using var work = await portal.BeginAsync();
        await work.Query<PortalUser>().Where(u => u.Id == person.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.Language, language).SetProperty(u => u.BrowserLanguage, browser));
        await work.CommitAsync();
        return person;
    }
}
