using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Audit;

/// <summary>Every refusal leaves one line in the log, and a flood of them leaves only some (ASVS 16.3.2, 16.3.3).</summary>
public sealed class RefusalsTests
{
    private readonly FakeLogger<Refusals> _log = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_flood_leaves_a_bounded_number_of_lines_and_says_how_many_more_there_were()
    {
        using var refusals = new Refusals(_time, _log);

        for (var n = 0; n < 1000; n++) refusals.Note(RefusalKind.Ticket, null, $"192.0.2.{n}", "POST /session");
        for (var n = 0; n < 50; n++) refusals.Note(RefusalKind.Antiforgery, null, "192.0.2.1", "POST /session");

        Assert.Equal(Refusals.LinesAMinute + 1, _log.Collector.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains(Messages(), line => line.Contains($"{1000 - Refusals.LinesAMinute} times more", StringComparison.Ordinal));
        Assert.Contains(Messages(), line => line.Contains("49 times more", StringComparison.Ordinal));
        refusals.Note(RefusalKind.Ticket, null, "192.0.2.1", "POST /session");
        Assert.Equal(Refusals.LinesAMinute + 4, _log.Collector.Count);
    }

    [Fact]
    public void What_strangers_send_neither_forges_a_line_nor_fills_the_log()
    {
        using var refusals = new Refusals(_time, _log);

        refusals.Note(RefusalKind.AddressWithoutRight, null, "192.0.2.1", $"GET /a\r\nRefused\u001b[2J{new string('x', 5000)}");

        var line = Assert.Single(Messages());
        Assert.DoesNotContain(line, char.IsControl);
        Assert.True(line.Length < 400, $"{line.Length} characters");
    }

    [Fact]
    public async Task Pages_downloads_actions_tickets_and_links_that_are_refused_leave_one_line_each_without_a_secret()
    {
        await using var host = await PortalHost.StartAsync(
            new PortalSettings { PublicUrl = "http://localhost" }.With("Limits:MailedLinks", "1"),
            replace: services => services.AddSingleton<ILogger<Refusals>>(_log));
        var person = await host.AddPersonAsync();
        await using var visitor = await OpenCircuit.SignedInAsync(host, person.Username, person.Password);
        await using var stranger = CircuitVisitor.At(host);
        var token = SecretToken.Generate();

        await visitor.ReadPageAsync(PortalUrls.Users);
        Expect(RefusalKind.PageWithoutRight, PortalUrls.Users, person.Id);
        using (var download = await visitor.GetAsync(PortalUrls.UsersExport)) Assert.Equal(HttpStatusCode.Forbidden, download.StatusCode);
        Expect(RefusalKind.AddressWithoutRight, PortalUrls.UsersExport, person.Id);
        using (var download = await stranger.GetAsync(PortalUrls.AuditTrailExport)) Assert.Equal(HttpStatusCode.Unauthorized, download.StatusCode);
        Expect(RefusalKind.AddressWithoutRight, PortalUrls.AuditTrailExport, null);
        await Assert.ThrowsAsync<AccessRefusedException>(() => visitor.Services.GetRequiredService<UserAdministration>().LockAsync(person.Id));
        Expect(RefusalKind.ActionWithoutRight, "", person.Id);
        // Calls that no page offers to this person.
        Assert.IsType<EnrolmentOutcome.NotAllowed>(await visitor.Services.GetRequiredService<MfaEnrolment>().BeginAsync(Guid.NewGuid()));
        Expect(RefusalKind.ActionWithoutRight, nameof(MfaEnrolment), person.Id);
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => visitor.Services.GetRequiredService<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, person.Password, null));
        Expect(RefusalKind.ActionWithoutRight, nameof(StepUp), person.Id);
        Assert.Equal(HttpStatusCode.Forbidden, await stranger.RedeemAsync(token));
        Expect(RefusalKind.Ticket, PortalUrls.Session, null);
        using (var client = host.CreateClient())
        {
            using var bare = await client.PostAsync(PortalUrls.SessionEnd, null);
            Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
        }
        Expect(RefusalKind.Antiforgery, PortalUrls.SessionEnd, null);
        var nobody = new Caller.Nobody { Address = "192.0.2.1" };
        Assert.IsType<NewPasswordOutcome.LinkEnded>(await host.Services.GetRequiredService<PasswordLinks>().SetPasswordAsync(
            MailedLinkKind.ForgottenPassword, token, "A new pass phrase", nobody));
        Expect(RefusalKind.MailedLink, nameof(MailedLinkKind.ForgottenPassword), null);
        Assert.IsType<LostDeviceLink.Ended>(await host.Services.GetRequiredService<LostDeviceLinks>().FindOpenAsync(token, nobody));
        Expect(RefusalKind.MailedLink, nameof(MailedLinkKind.LostDevice), null);
        var requests = host.Services.GetRequiredService<MailedLinkRequests>();
        Assert.True(await requests.AddAsync(MailedLinkKind.ForgottenPassword, person.Username, nobody));
        Assert.False(await requests.AddAsync(MailedLinkKind.ForgottenPassword, person.Username, nobody));
        Expect(RefusalKind.MailedLinkLimit, "Limits:MailedLinks", null);

        Assert.DoesNotContain(
            Messages(),
            line => line.Contains(token, StringComparison.Ordinal) || line.Contains(person.Password, StringComparison.Ordinal));

        void Expect(RefusalKind kind, string what, Guid? who)
        {
            var line = Assert.Single(_log.Collector.GetSnapshot(clear: true));
            Assert.Equal(LogLevel.Warning, line.Level);
            Assert.Equal(kind.ToString(), line.GetStructuredStateValue("Refusal"));
            Assert.Contains(what, line.GetStructuredStateValue("What")!, StringComparison.Ordinal);
            Assert.Equal(who?.ToString(), line.GetStructuredStateValue("Person"));
        }
    }

    private IEnumerable<string> Messages() => _log.Collector.GetSnapshot().Select(line => line.Message);
}
