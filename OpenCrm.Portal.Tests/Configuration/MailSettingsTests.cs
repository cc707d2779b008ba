using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Home;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Outbox;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>The block Mail: a mail server that is connected in the portal, with a real one at the other end (docs/spec.md 7.4).</summary>
public sealed class MailSettingsTests(PostgresCluster postgres)
{
    private const string Secret = "Pelican-parcel-19";

    [Theory]
    [MemberData(nameof(DatabaseKinds.Both), MemberType = typeof(DatabaseKinds))]
    public async Task A_stored_server_gets_the_next_mail_and_its_password_is_nowhere_in_plain(DatabaseKind database)
    {
        await using var sink = await SmtpSink.StartAsync(login: $"portal:{Secret}");
        await using var portal = await PortalHost.StartAsync(await postgres.NewAsync(database));
        await using var ann = await SeatAsync(portal);

        var outcome = await SaveAsync(ann, Typed(sink, version: 0) with { Password = Secret });
        await ann.Service<OutboxList>().SendTestAsync();

        Assert.IsType<SettingsOutcome.Saved>(outcome);
        await Eventually.TrueAsync(() => sink.Count == 1, "the mail arrived at the stored server");
        Assert.Equal("no-reply@northwind.test", Assert.Single(sink.Envelopes).From);
        await using var work = await portal.BeginAsync();
        var stored = await work.ReadSettingsAsync<MailSettings>();
        Assert.DoesNotContain(Secret, Encoding.Latin1.GetString(stored.ProtectedPassword!), StringComparison.Ordinal);
        var events = await work.Query<AuditEntry>().OrderBy(e => e.Id).ToListAsync();
        Assert.DoesNotContain(events, e => e.Details.Contains(Secret, StringComparison.Ordinal));
        Assert.Equal("{}", Assert.Single(events, e => e.Kind == nameof(AuditEvent.MailPasswordChanged)).Details);
        Assert.Contains("""{"Block":"Mail","Setting":"Host","Old":"","New":"127.0.0.1"}""", events.Select(e => e.Details));
    }

    [Fact]
    public async Task An_empty_password_keeps_the_stored_one_and_a_tick_removes_it()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        await SaveAsync(ann, new(0, Host("smtp.northwind.test"), Secret));
        var first = await StoredAsync(portal);

        await SaveAsync(ann, new(1, Host("SMTP.northwind.test")));
        Assert.Equal(first.ProtectedPassword, (await StoredAsync(portal)).ProtectedPassword);
        await SaveAsync(ann, new(2, Host("smtp.northwind.test"), RemovePassword: true));

        Assert.Null((await StoredAsync(portal)).ProtectedPassword);
        await using var work = await portal.BeginAsync();
        Assert.Equal(1, await work.Query<AuditEntry>().CountAsync(e => e.Kind == nameof(AuditEvent.MailPasswordRemoved)));
    }

    /// <summary>Red when another server can be given the stored password: whoever saves the block would learn it.</summary>
    [Fact]
    public async Task Another_server_never_gets_the_stored_password()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        await SaveAsync(ann, new(0, Host("smtp.northwind.test"), Secret));

        var moved = Typed(sink, version: 1);
        foreach (var refused in new[] { await SaveAsync(ann, moved), await TestAsync(ann, moved) })
            Assert.Equal([MailEdit.PasswordField], Assert.IsType<SettingsOutcome.Invalid>(refused).Fields);

        Assert.Empty(sink.Transcript);
        // Another port of the same host may be anybody's listener, and without encryption anybody on the way reads it.
        var same = new MailEdit(1, Host("smtp.northwind.test"));
        foreach (var (setting, value) in new[]
        {
            (nameof(MailSettings.Port), "2525"), (nameof(MailSettings.Security), nameof(SmtpSecurity.None)),
        })
        {
            var refused = await TestAsync(ann, same with { Typed = With(same, setting, value) });
            Assert.Equal([MailEdit.PasswordField], Assert.IsType<SettingsOutcome.Invalid>(refused).Fields);
        }
        Assert.Equal("smtp.northwind.test", (await StoredAsync(portal)).Host);
    }

    [Fact]
    public async Task A_server_in_the_configuration_wins_and_nothing_can_be_saved_over_it()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync(sink.Receives(new PortalSettings()).With("Mail:Smtp:Password", Secret));
        await using var ann = await SeatAsync(portal);

        var current = await ann.Service<AdditionalSettings>().ReadAsync();
        Assert.Equal(
            new ConfiguredMail("127.0.0.1", sink.Port, SmtpSecurity.None, null, HasPassword: true, "portal@example.test"), current.ConfiguredMail);
        Assert.IsType<SettingsOutcome.Invalid>(await SaveAsync(ann, new(0, Host("evil.test"))));

        var answer = Assert.IsType<SettingsOutcome.MailTested>(await TestAsync(ann, new(0, Host("evil.test"))));

        Assert.IsType<MailTrialOutcome.Accepted>(answer.Answer);
        Assert.Equal("portal@example.test", Assert.Single(sink.Envelopes).From);
        Assert.Equal((0, ""), ((await StoredAsync(portal)).Version, (await StoredAsync(portal)).Host));
    }

    [Fact]
    public async Task Saving_and_testing_ask_for_a_fresh_proof_and_a_system_administrator()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        await using var bob = await Seat.TakeAsync(portal, await portal.AddPersonAsync("bob"));
        foreach (var act in new Func<Task>[] { () => SaveAsync(bob, Typed(sink, 0)), () => TestAsync(bob, Typed(sink, 0)) })
            await Assert.ThrowsAsync<AccessRefusedException>(act);

        portal.Advance(Caller.StepUpAfter + TimeSpan.FromMinutes(1));

        Assert.IsType<SettingsOutcome.StepUpNeeded>(await SaveAsync(ann, Typed(sink, 0)));
        Assert.IsType<SettingsOutcome.StepUpNeeded>(await TestAsync(ann, Typed(sink, 0)));
        Assert.Empty(sink.Transcript);
        Assert.Equal(0, (await StoredAsync(portal)).Version);
    }

    [Fact]
    public async Task Another_node_sends_the_next_mail_by_a_change_without_a_restart()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await using var ann = await SeatAsync(nodes.A);
        // In the folder: the other node has sent by the former settings.
        await QueueAsync(nodes.B);
        await Eventually.TrueAsync(() => Directory.Exists(nodes.B.PickupFolder), "the other node wrote a mail into its folder");

        var typed = Typed(sink, version: 0);
        await SaveAsync(ann, typed with { Typed = With(typed, nameof(MailSettings.Username), "") });
        await QueueAsync(nodes.B);

        await Eventually.TrueAsync(() => sink.Count == 1, "the other node used the stored server");
    }

    [Fact]
    public async Task A_test_says_what_the_server_answered_and_saves_nothing()
    {
        await using var sink = await SmtpSink.StartAsync(login: $"portal:{Secret}");
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        var right = Typed(sink, version: 0) with { Password = Secret };

        var taken = Assert.IsType<SettingsOutcome.MailTested>(await TestAsync(ann, right));
        var accepted = Assert.IsType<MailTrialOutcome.Accepted>(taken.Answer);
        Assert.Equal(($"127.0.0.1:{sink.Port}", "ann@example.test"), (accepted.Place, taken.To));
        Assert.NotEmpty(accepted.Said);
        Assert.Equal("test", Mailbox.Template(Assert.Single(sink.Mailbox.All())));

        var login = await WhyAsync(ann, right with { Password = "wrong" });
        Assert.Contains("refuses the login. Check “User name” and “Mail server password”. It says: 535", login, StringComparison.Ordinal);
        Assert.DoesNotContain("Mail:Smtp", login, StringComparison.Ordinal);

        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var nobody = await WhyAsync(ann, right with { Typed = With(right, nameof(MailSettings.Port), port) });
        Assert.Contains($"Nothing listens at 127.0.0.1:{port}. Check “Mail server” and “Port”", nobody, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", nobody, StringComparison.Ordinal);

        var unknown = await WhyAsync(ann, right with { Typed = With(right, nameof(MailSettings.Host), "no-such-server.invalid") });
        Assert.Contains("Nobody knows a mail server named “no-such-server.invalid”", unknown, StringComparison.Ordinal);

        var tls = await WhyAsync(ann, right with { Typed = With(right, nameof(MailSettings.Security), nameof(SmtpSecurity.StartTls)) });
        Assert.Contains("does not offer STARTTLS, and “Security” is StartTls", tls, StringComparison.Ordinal);

        Assert.Equal([nameof(MailSettings.Host)], Assert.IsType<SettingsOutcome.Invalid>(await TestAsync(ann, new(0, Host("")))).Fields);
        Assert.Equal(0, (await StoredAsync(portal)).Version);
        await using var work = await portal.BeginAsync();
        Assert.Empty(await work.Query<OutboxEntry>().ToListAsync());
        var tested = await work.Query<AuditEntry>().Where(e => e.Kind == nameof(AuditEvent.MailServerTested)).OrderBy(e => e.Id).ToListAsync();
        Assert.Equal(5, tested.Count);
        Assert.Equal($$"""{"Server":"127.0.0.1:{{sink.Port}}","Accepted":true}""", tested[0].Details);
    }

    [Fact]
    public async Task A_test_uses_the_stored_password_while_none_is_typed_and_an_hour_has_its_limit()
    {
        await using var sink = await SmtpSink.StartAsync(login: $"portal:{Secret}");
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        await SaveAsync(ann, Typed(sink, version: 0) with { Password = Secret });

        var answer = Assert.IsType<SettingsOutcome.MailTested>(await TestAsync(ann, Typed(sink, version: 1))).Answer;
        Assert.IsType<MailTrialOutcome.Accepted>(answer);

        await sink.StopAsync();
        for (var tests = 1; tests < MailTest.MostInAnHour; tests++) await WhyAsync(ann, Typed(sink, version: 1));
        Assert.IsType<SettingsOutcome.TooManyTests>(await TestAsync(ann, Typed(sink, version: 1)));
    }

    [Fact]
    public async Task A_password_that_cannot_be_decrypted_holds_mail_back_and_names_the_block()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        await SaveAsync(ann, Typed(sink, version: 0) with { Password = Secret });
        await using (var work = await portal.BeginAsync())
        {
            var garbage = RandomNumberGenerator.GetBytes(64);
            await work.Query<MailSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.ProtectedPassword, garbage));
            await work.CommitAsync();
        }

        await QueueAsync(portal);

        var watch = portal.Services.GetRequiredService<OutboxWatch>();
        await Eventually.TrueAsync(() => watch.Blocked?.Contains("Additional Settings, block Mail", StringComparison.Ordinal) == true, "it is told");
        Assert.Equal(0, sink.Count);
        Assert.Contains("type the password again", await WhyAsync(ann, Typed(sink, version: 1)), StringComparison.Ordinal);
        await using var after = await portal.BeginAsync();
        Assert.Equal(OutboxState.Waiting, (await after.Query<OutboxEntry>().SingleAsync()).State);
    }

    [Fact]
    public async Task The_first_steps_are_done_as_soon_as_they_are_done()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings { Administrator = null });
        await using var ann = await SeatAsync(portal);
        var steps = ann.Service<FirstSteps>();
        Assert.Equal(new FirstSteps.View(false, false, false, false), await steps.ReadAsync());

        await portal.SetSecurityAsync();
        await SaveAsync(ann, new(0, Host("smtp.northwind.test")));
        var bob = await portal.AddPersonAsync("bob");
        Assert.Equal(new FirstSteps.View(true, false, true, true), await steps.ReadAsync());

        await using var eve = await Seat.TakeAsync(portal, await portal.AddPersonAsync("eve", enrolled: true, administrator: true));
        Assert.True((await eve.Service<FirstSteps>().ReadAsync()).IsDone);
        await using var user = await Seat.TakeAsync(portal, bob);
        await Assert.ThrowsAsync<AccessRefusedException>(() => user.Service<FirstSteps>().ReadAsync());
    }

    private static async Task<Seat> SeatAsync(PortalHost portal) =>
        await Seat.TakeAsync(portal, await portal.AddPersonAsync("ann", administrator: true));

    private static Task<SettingsOutcome> SaveAsync(Seat seat, MailEdit edit) => seat.Service<AdditionalSettings>().SaveAsync(edit);

    private static Task<SettingsOutcome> TestAsync(Seat seat, MailEdit edit) => seat.Service<MailTest>().SendAsync(edit);

    private static async Task<string> WhyAsync(Seat seat, MailEdit edit)
    {
        var tested = Assert.IsType<SettingsOutcome.MailTested>(await TestAsync(seat, edit));
        return Assert.IsType<MailTrialOutcome.NotSent>(tested.Answer).Why;
    }

    private static async Task QueueAsync(PortalHost portal)
    {
        await using var work = await portal.BeginAsync();
        work.Queue(new MailDraft.Test(new("ann@northwind.test", "Ann"), work.Now));
        await work.CommitAsync();
    }

    private static async Task<MailSettings> StoredAsync(PortalHost portal)
    {
        await using var work = await portal.BeginAsync();
        return await work.ReadSettingsAsync<MailSettings>();
    }

    private static MailEdit Typed(SmtpSink sink, int version) => new(version, new Dictionary<string, string>
    {
        [nameof(MailSettings.Host)] = "127.0.0.1",
        [nameof(MailSettings.Port)] = sink.Port.ToString(CultureInfo.InvariantCulture),
        [nameof(MailSettings.Security)] = nameof(SmtpSecurity.None),
        [nameof(MailSettings.Username)] = "portal",
        [nameof(MailSettings.From)] = "no-reply@northwind.test",
    });

    private static Dictionary<string, string> Host(string name) => new() { [nameof(MailSettings.Host)] = name };

    private static Dictionary<string, string> With(MailEdit edit, string name, string value) => new(edit.Typed) { [name] = value };
}
