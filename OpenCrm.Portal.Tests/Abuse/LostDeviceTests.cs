using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>
/// The lost-device link under abuse: cases A08 (link scanner), A09 (race), A11 (guesses), A12 (Host header) and A13 (timing) of docs/threats.md. A10
/// is in the tests of the flow.
/// </summary>
public sealed class LostDeviceTests(PostgresCluster postgres, Browser browser)
{
    private const string Evil = "evil.test";

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Mail scanners open links: one with HEAD and GET, one with a browser that runs scripts. Red when the page confirms by itself as soon as it
    /// opens.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_scanner_that_opens_the_link_changes_nothing_and_the_person_s_own_click_works(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await postgres.NewAsync(database), listens: true);
        await portal.SetSecurityAsync();
        var ada = await portal.AddPersonAsync(enrolled: true);
        var token = await portal.LinkAsync(ada);
        var address = $"{PortalUrls.LostDeviceConfirm}#{token}";
        var before = await StateAsync(portal);

        using (var client = new HttpClient { BaseAddress = portal.BaseAddress })
        {
            using var head = await client.SendAsync(new(HttpMethod.Head, PortalUrls.LostDeviceConfirm));
            Assert.True((int)head.StatusCode < 500);
            for (var n = 0; n < 3; n++)
                Assert.DoesNotContain(token, await client.GetStringAsync(PortalUrls.LostDeviceConfirm), StringComparison.Ordinal);
        }
        var scanner = await browser.NewPageAsync(portal.BaseAddress);
        await scanner.GotoAsync(address);
        await scanner.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in and disable MFA" }).WaitForAsync();
        await scanner.CloseAsync();
        Assert.Equal(before, await StateAsync(portal));

        var tab = await browser.NewPageAsync(portal.BaseAddress);
        await tab.GotoAsync(address);
        await ConfirmAsync(tab, ada);
        await new Visitor(tab).AccountMenu.WaitForAsync();
        Assert.False((await portal.UserAsync(ada)).TwoFactorEnabled);
        tab.Problems.AssertNone();
    }

    /// <summary>
    /// Red with ten winners when the link is consumed without its conditions and MFA is removed without the condition that it is on.
    /// </summary>
    [Fact]
    public async Task One_of_ten_confirmations_at_once_on_two_nodes_succeeds_and_is_told_once()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var boss = await nodes.A.AddPersonAsync("boss", administrator: true);
        for (var round = 0; round < 5; round++)
        {
            var person = await nodes.A.AddPersonAsync($"person{round}", enrolled: true);
            var token = await nodes.A.LinkAsync(person);
            await using var visitors = new Crowd([.. Enumerable.Range(0, 10).Select(n => CircuitVisitor.At(nodes[n]))]);

            var outcomes = await TestAccounts.AtOnceAsync(visitors.Select(visitor =>
                (Func<Task<(CircuitVisitor, LostDeviceOutcome)>>)(async () => (visitor, await visitor.ConfirmAsync(token, person)))));

            var (winner, won) = Assert.Single(outcomes, o => o.Item2 is LostDeviceOutcome.Proved);
            Assert.Equal(9, outcomes.Count(o => o.Item2 is LostDeviceOutcome.LinkEnded));
            Assert.Equal(HttpStatusCode.NoContent, await winner.RedeemAsync(((LostDeviceOutcome.Proved)won).Ticket));
            Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.MfaDisabled>(person));
            Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.SignedIn>(person));
            Assert.Equal(1, await nodes.A.CountAsync<PortalSession>(sessions => sessions.Where(s => s.UserId == person.Id)));
            Assert.Single(await nodes.B.MailsAsync("mfa-removed", person.Email));
            foreach (var administrator in new[] { boss.Email, PortalSettings.FirstAdministrator.Email })
                Assert.Single(await nodes.B.MailsAsync("mfa-disabled", administrator), mail => mail["username"] == person.Username);
            // Nine right passwords that came too late do not count as failures.
            Assert.True(await nodes.B.UserAsync(person) is { AccessFailedCount: 0, FailuresInARow: 0, TwoFactorEnabled: false });
        }
    }

    /// <summary>
    /// The MFA switch may go off between the check of a link and its use; the link no longer works then. Red when the link is used without its
    /// conditions.
    /// </summary>
    [Fact]
    public async Task A_switch_that_goes_off_while_the_password_is_looked_at_ends_the_link()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        var token = await nodes.A.LinkAsync(ada);
        await using var visitor = CircuitVisitor.At(nodes.B);
        Task<LostDeviceOutcome> confirming;
        await using (var work = await nodes.A.BeginAsync())
        {
            Assert.True(await work.Enrolments.HoldSwitchAsync(on: true));
            await MfaSwitch.SwitchOffAsync(work, new Caller.Person(ada.Id, "", Guid.Empty, true, work.Now), erase: false, CancellationToken.None);
            await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, false));
            confirming = Task.Run(() => visitor.ConfirmAsync(token, ada));
            await Eventually.TrueAsync(
                async () => (await nodes.B.UserAsync(ada)).AccessFailedCount == 1,
                "the link was judged and the attempt reserved");
            await work.CommitAsync();
        }

        Assert.IsType<LostDeviceOutcome.LinkEnded>(await confirming);
        Assert.True(await nodes.A.UserAsync(ada) is { TwoFactorEnabled: true, AccessFailedCount: 0 });
        Assert.Empty(await nodes.A.MailsAsync("mfa-disabled"));
    }

    /// <summary>
    /// Guesses in parallel: a good link allows no more guesses than the counter does. Red when an attempt is reserved whatever the limit.
    /// </summary>
    [Fact]
    public async Task Fifty_parallel_guesses_with_a_good_link_are_looked_at_as_often_as_the_limit_allows()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        var token = await nodes.A.LinkAsync(ada);
        await using var visitors = new Crowd([.. Enumerable.Range(0, 50).Select(n => CircuitVisitor.At(nodes[n]))]);

        var outcomes = await TestAccounts.AtOnceAsync(visitors.Select((visitor, n) =>
            (Func<Task<LostDeviceOutcome>>)(() => visitor.LostDevice().ConfirmAsync(
                token,
                n % 2 == 0 ? ada.Username : "somebody else",
                n % 2 == 0 ? "Not the pass phrase" : ada.Password))));

        Assert.True(outcomes.Count(outcome => outcome is LostDeviceOutcome.Refused { Refusal: Refusal.Wrong }) <= 4);
        Assert.Equal(5, await nodes.A.EventsAsync<AuditEvent.WrongPassword>(ada));
        Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.LockedAfterFailures>(ada));
        Assert.True((await nodes.B.UserAsync(ada)).TwoFactorEnabled);
        await using var late = CircuitVisitor.At(nodes.B);
        Assert.IsType<LostDeviceOutcome.LinkEnded>(await late.ConfirmAsync(token, ada));
    }

    /// <summary>
    /// An attacker may choose the host that a request names. A circuit whose every request carries a foreign X-Forwarded-Host and Forwarded asks for
    /// the link, and so do raw requests such as no browser sends. Red when links are built on the Host of the newest request.
    /// </summary>
    [Fact]
    public async Task The_mailed_link_begins_with_the_configured_address_whatever_host_a_request_names()
    {
        // Host itself is left alone: under a foreign one there is no page at all, see PublicHostTests.
        await using var proxy = new HostRewritingProxy(Evil);
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { PublicUrl = proxy.Address.ToString().TrimEnd('/') });
        proxy.Target = portal.DirectAddress.Port;
        var tab = await browser.NewPageAsync(portal.DirectAddress);
        var admin = new Visitor(tab);
        await tab.GotoAsync("/login");
        await admin.SignInAsync(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);
        await admin.SwitchMfaOnAsync();
        await admin.OpenOwnRecordAsync();
        await admin.SetUpMfaAsync();

        foreach (var request in new[]
                 {
                     $"GET {PortalUrls.LostDevice} HTTP/1.1\r\nHost: {Evil}\r\n",
                     $"GET {PortalUrls.LostDevice} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: {Evil}\r\n",
                     $"GET {PortalUrls.LostDevice} HTTP/1.1\r\nHost: localhost\r\nForwarded: host={Evil}\r\n",
                     $"GET http://{Evil}{PortalUrls.LostDevice} HTTP/1.1\r\nHost: localhost\r\n",
                     $"GET {PortalUrls.LostDevice} HTTP/1.1\r\nHost: localhost\r\nHost: {Evil}\r\n",
                     $"POST {PortalUrls.LostDevice} HTTP/1.1\r\nHost: {Evil}\r\n"
                         + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n",
                 })
        {
            var answer = await RawAsync(portal.DirectAddress.Port, request);
            Assert.Matches("^HTTP/1.1 (200|400|405)", answer);
            if (!answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)) continue;
            Assert.DoesNotContain(Evil, answer, StringComparison.OrdinalIgnoreCase);
        }

        var attacker = await browser.NewPageAsync(proxy.Address);
        await attacker.GotoAsync(PortalUrls.LostDevice);
        await attacker.FillAsync("Username or email", PortalSettings.FirstAdministrator.Email);
        await attacker.PressAsync("Send link");
        await attacker.Page.GetByRole(AriaRole.Heading, new() { Name = "Check your email" }).WaitForAsync();
        Assert.True(proxy.Rewritten > 2, $"{proxy.Rewritten} requests carried the foreign host");

        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync(PortalSettings.FirstAdministrator.Email, LostDeviceFixture.Mail);
        Assert.Equal($"{proxy.Address}lost-device/confirm", Mailbox.Link(mail).GetLeftPart(UriPartial.Path));
        Assert.DoesNotContain(Evil, mail.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Evil, mail.HtmlBody, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// How long an answer takes must not show what kind of account the name belongs to. PORTAL_TIMING_SAMPLES sets the number of samples for each
    /// kind of account; the full run of the suite takes 200. The test fails only after three bad runs in a row, because a busy machine can distort
    /// one. Red when a hash is computed for known names while the page waits.
    /// </summary>
    [Fact]
    public async Task Asking_takes_the_same_time_for_every_kind_of_account()
    {
        // Hashes as expensive as those of real users: one that is computed only for some names has to show.
        await using var portal = await PortalHost.StartAsync((await postgres.NewAsync(DatabaseKind.Sqlite)).With("Limits:MailedLinks", "1000000"));
        await portal.SetSecurityAsync();
        await portal.AddPersonAsync("enrolled", enrolled: true);
        await portal.AddPersonAsync("unenrolled");
        await portal.AddPersonAsync("locked", enrolled: true, state: AccountState.Locked);
        await portal.AddPersonAsync("inactive", enrolled: true, state: AccountState.Inactive);
        string[] names = ["enrolled", "unenrolled", "locked", "inactive", "unknown"];
        var samples = int.Parse(Environment.GetEnvironmentVariable("PORTAL_TIMING_SAMPLES") ?? "30", CultureInfo.InvariantCulture);
        await using var visitor = CircuitVisitor.At(portal);
        for (var n = 0; n < 5; n++) foreach (var name in names) await visitor.LostDevice().AskAsync(name);

        List<string> faults = [];
        for (var run = 0; run < 3; run++)
        {
            var times = names.ToDictionary(name => name, _ => new List<double>());
            for (var n = 0; n < samples; n++)
                // The order changes from sample to sample, and each request starts only when no worker is busy: otherwise the request after a mail
                // would be slower.
                foreach (var name in names.Skip(n % names.Length).Concat(names.Take(n % names.Length)))
                {
                    await portal.AnsweredAsync();
                    var start = Stopwatch.GetTimestamp();
                    Assert.True(await visitor.LostDevice().AskAsync(name));
                    times[name].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            faults =
            [
                .. names[1..]
                    .Select(name => Differs(times[names[0]], times[name]) is { } difference ? $"{name}: {difference}" : null)
                    .OfType<string>()
            ];
            if (faults.Count == 0) return;
        }
        Assert.Fail(string.Join("; ", faults));
    }

    private static async Task ConfirmAsync(PortalPage tab, TestPerson person)
    {
        await tab.FillAsync("Username or email", person.Username);
        await tab.FillAsync("Password", person.Password);
        await tab.PressAsync("Sign in and disable MFA");
    }

    /// <summary>Lists everything that a scanner could have changed.</summary>
    private static async Task<string> StateAsync(PortalHost portal)
    {
        var links = await portal.RowsAsync<MailedLink>();
        var counts = await portal.RowsAsync<AddressCount>();
        return string.Join(' ',
            string.Join(',', links.Select(l => $"{l.Id} {l.ConsumedAt}")),
            string.Join(',', counts.OrderBy(c => c.Key).Select(c => $"{c.Key} {c.Count}")),
            await portal.CountAsync<AuditEntry>(), await portal.CountAsync<OutboxEntry>(),
            await portal.CountAsync<PortalSession>(), await portal.CountAsync<MailedLinkRequest>());
    }

    private static async Task<string> RawAsync(int port, string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}Connection: close\r\n\r\nusername=admin"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync().WaitAsync(Eventually.Patience);
    }

    /// <summary>
    /// Returns null when the medians are within a tenth of each other, or when the Mann-Whitney test finds no difference at p = 0.01.
    /// </summary>
    private static string? Differs(List<double> one, List<double> other)
    {
        var (a, b) = (Median(one), Median(other));
        if (Math.Abs(a - b) <= 0.1 * Math.Max(a, b)) return null;
        // Counts the pairs in which the first is smaller. Under the same distribution that is half of them, normally distributed for samples of this
        // size.
        var u = one.Sum(x => other.Sum(y => x < y ? 1.0 : x == y ? 0.5 : 0.0));
        var (n, m) = ((double)one.Count, (double)other.Count);
        var z = (u - n * m / 2) / Math.Sqrt(n * m * (n + m + 1) / 12);
        return Math.Abs(z) > 2.576 ? string.Create(CultureInfo.InvariantCulture, $"medians {a:0.00} and {b:0.00} ms, z = {z:0.0}") : null;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
