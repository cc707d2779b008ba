using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Rescue;
using OpenCrm.Portal.Tests.Configuration;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>A mail server that fails delays mail and nothing else, whichever way MFA was disabled (case A22 of docs/threats.md).</summary>
public sealed class MailServerFaultTests
{
    private static readonly AuthenticatorKey BobsKey = AuthenticatorKey.Generate();

    public static TheoryData<Fault, Way> FaultsAndWays => new(
        from fault in Enum.GetValues<Fault>() from way in Enum.GetValues<Way>() select (fault, way));

    [Theory, MemberData(nameof(FaultsAndWays))]
    public async Task What_was_done_stands_while_the_mail_server_fails_and_each_due_mail_arrives_once_after_it(Fault fault, Way way)
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await SettingsPortal.StartAsync(sink.Receives(new PortalSettings()));
        var (ann, bob) = (await portal.AddUserAsync("Ann"), await portal.AddUserAsync("Bob", administrator: false, key: BobsKey));
        await portal.SwitchMfaAsync(on: true);
        var link = way == Way.ByLostDevice ? await LinkAsync(portal, sink, bob) : "";
        await FailAsync(sink, fault);

        await DisableAsync(portal, way, ann, bob, link);

        Assert.Equal(way == Way.ForEverybody, (await UserAsync(portal, bob)).TwoFactorEnabled);
        var due = await DueAsync(portal);
        // Bob and both system administrators: Ann and the one from the set-up. Nobody when MFA is switched off for everybody (docs/spec.md 3.4).
        string[] mails = way == Way.ForEverybody ? [] : ["mfa-disabled", "mfa-disabled", "mfa-removed"];
        Assert.Equal(mails, due.Select(e => e.TemplateKey).Order());
        if (due.Count == 0) return;

        await Eventually.TrueAsync(
            async () =>
            {
                // The portal waits a minute at most for an answer.
                if (fault == Fault.Hangs) portal.Host.Advance(TimeSpan.FromSeconds(20));
                return (await portal.RowsAsync<OutboxEntry>()).Any(e => e.LastError is not null);
            },
            "a row of the outbox says what is wrong");
        Assert.All(await DueAsync(portal), e => Assert.Equal((OutboxState.Waiting, default(DateTimeOffset?)), (e.State, e.SentAt)));
        // A person who signs in now notices nothing.
        await using (var visitor = CircuitVisitor.At(portal.Host))
            Assert.IsType<Portal.SignIn.SignInOutcome.Proved>(await visitor.PasswordAsync("Ann", SettingsPortal.Password));

        await HealAsync(sink, fault);
        // A message that has been hanging is given up after a minute, before its lease of 90 s has ended.
        if (fault == Fault.Hangs) portal.Host.Advance(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(
            async () =>
            {
                var rows = await portal.RowsAsync<OutboxEntry>();
                // The clock stands still while a message is being sent: otherwise it would pass the end of a lease faster than a message can be sent.
                if (!rows.Any(e => e.State == OutboxState.Waiting && e.ClaimedUntil > portal.Host.Now)) portal.Host.Advance(TimeSpan.FromSeconds(10));
                return rows.All(e => e.State == OutboxState.Sent);
            },
            "all mail went out");
        Assert.Equal(
            (await portal.RowsAsync<OutboxEntry>()).Select(e => (e.RecipientAddress, e.TemplateKey, e.MessageId)).Order(),
            sink.Mailbox.All().Select(mail => (mail.To.Mailboxes.Single().Address, Mailbox.Template(mail)!, (string?)mail.MessageId)).Order());
    }

    [Fact]
    public async Task A_server_with_a_certificate_that_nobody_vouches_for_gets_no_message_and_the_row_says_why()
    {
        await using var sink = await SmtpSink.StartAsync(startTls: true);
        await using var portal = await SettingsPortal.StartAsync(sink.Receives(new PortalSettings()));
        var bob = await portal.AddUserAsync("Bob", administrator: false, key: BobsKey);

        await DisableAsync(portal, Way.ByRescueCommand, bob, bob, link: "");

        await Eventually.TrueAsync(
            async () => (await portal.RowsAsync<OutboxEntry>()).All(e => e.LastError is not null),
            "the rows say what is wrong");
        Assert.All(await portal.RowsAsync<OutboxEntry>(), e => Assert.Contains("certificate", e.LastError, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(sink.Transcript, line => line.Contains("MAIL FROM", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(sink.Envelopes);
    }

    /// <summary>Red with a single lane: the second message waits for the minute of the first.</summary>
    [Fact]
    public async Task A_message_that_hangs_does_not_stop_the_mail_of_others()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var portal = await SettingsPortal.StartAsync(sink.Receives(new PortalSettings()));
        await sink.AnswerAsync(SmtpAnswer.Hang);
        await QueueAsync(portal, "first@example.test");
        await Eventually.TrueAsync(() => sink.Transcript.Contains("C: ."), "the first message waits for its answer");

        await sink.AnswerAsync(SmtpAnswer.Accept);
        await QueueAsync(portal, "second@example.test");

        await sink.Mailbox.WaitForAsync("second@example.test", "test");
        Assert.Empty(sink.Mailbox.Of("first@example.test"));
    }

    private static async Task QueueAsync(SettingsPortal portal, string address)
    {
        await using var work = await portal.Units.BeginAsync();
        work.Queue(new MailDraft.Test(new(address, "Somebody"), work.Now));
        await work.CommitAsync();
    }

    /// <summary>Returns the link from the message that arrived while the server still worked.</summary>
    private static async Task<string> LinkAsync(SettingsPortal portal, SmtpSink sink, PortalUser user)
    {
        await using var visitor = CircuitVisitor.At(portal.Host);
        Assert.True(await visitor.LostDevice().AskAsync(user.UserName!));
        var link = Mailbox.Link(await sink.Mailbox.WaitForAsync(user.Email, LostDeviceFixture.Mail)).Fragment[1..];
        // The server keeps a message before it confirms it.
        await Eventually.TrueAsync(
            async () => (await portal.RowsAsync<OutboxEntry>()).All(e => e.State == OutboxState.Sent),
            "the link is known to be sent");
        return link;
    }

    /// <summary>Returns the mails that report that MFA is off.</summary>
    private static async Task<List<OutboxEntry>> DueAsync(SettingsPortal portal) =>
        [.. (await portal.RowsAsync<OutboxEntry>()).Where(e => e.TemplateKey != LostDeviceFixture.Mail)];

    private static async Task DisableAsync(SettingsPortal portal, Way way, PortalUser ann, PortalUser bob, string link)
    {
        switch (way)
        {
            case Way.ByLostDevice:
                await using (var visitor = CircuitVisitor.At(portal.Host))
                {
                    Assert.IsType<Portal.LostDevice.LostDeviceOutcome.Proved>(
                        await visitor.LostDevice().ConfirmAsync(link, "Bob", SettingsPortal.Password));
                }
                break;
            case Way.ByOneself:
                var own = await portal.SignInAsync(bob, byCode: true);
                Assert.IsType<DisableMfaOutcome.Done>(await own.Services.GetRequiredService<OwnRecord>().DisableMfaAsync());
                break;
            case Way.ByAdministrator:
                var administrator = (await portal.SignInAsync(ann)).Services;
                Assert.IsType<UserOutcome.Done>(
                    await administrator.GetRequiredService<UserAdministration>().DisableMfaAsync(bob.Id));
                break;
            case Way.ByRescueCommand:
                Assert.IsType<UserOutcome.Done>(
                    await portal.Host.Services.GetRequiredService<RescueAccounts>().DisableMfaAsync(new Caller.Console(), "Bob"));
                break;
            case Way.ForEverybody:
                var circuit = await portal.SignInAsync(ann);
                var version = (await portal.ReadSettingsAsync<SecuritySettings>()).Version;
                Assert.IsType<SettingsOutcome.Saved>(
                    await circuit.Settings.SaveAsync(new SecurityFields(version, false, 5, 0, 30, 30), new MfaSwitchAnswer()));
                break;
        }
    }

    private static Task FailAsync(SmtpSink sink, Fault fault) => fault switch
    {
        Fault.Refuses => sink.StopAsync(),
        Fault.Hangs => sink.AnswerAsync(SmtpAnswer.Hang),
        Fault.Answers4xx => sink.AnswerAsync(SmtpAnswer.Temporary),
        Fault.Answers5xx => sink.AnswerAsync(SmtpAnswer.Permanent),
        _ => sink.AnswerAsync(SmtpAnswer.Drop),
    };

    private static Task HealAsync(SmtpSink sink, Fault fault) =>
        fault == Fault.Refuses ? sink.StartAgainAsync() : sink.AnswerAsync(SmtpAnswer.Accept);

    private static async Task<PortalUser> UserAsync(SettingsPortal portal, PortalUser user) =>
        (await portal.RowsAsync<PortalUser>()).Single(u => u.Id == user.Id);

    public enum Fault
    {
        Refuses,
        Hangs,
        Answers4xx,
        Answers5xx,
        DropsInData,
    }

    public enum Way
    {
        ByOneself,
        ByLostDevice,
        ByAdministrator,
        ByRescueCommand,
        ForEverybody,
    }
}
