using System.Globalization;
using System.Security.Cryptography;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Mail;

/// <summary>
/// Delivery by the published portal, with a real mail server and the mails of a rescue command: nothing is lost, and nothing is sent twice except
/// what is in flight when a node is killed (docs/spec.md 7.1). <c>PORTAL_KILLS</c> and <c>PORTAL_MAILS</c> make the loops longer.
/// </summary>
public sealed class DeliveryTests(PostgresCluster postgres, ITestOutputHelper output)
{
    [Theory]
    [MemberData(nameof(DatabaseKinds.Both), MemberType = typeof(DatabaseKinds))]
    public async Task A_portal_that_is_killed_again_and_again_loses_no_mail_and_repeats_only_the_one_in_flight(DatabaseKind database)
    {
        var kills = Count("PORTAL_KILLS", 2);
        await using var sink = await SmtpSink.StartAsync();
        // Slow enough that a kill hits the middle of a message.
        await sink.AnswerAsync(SmtpAnswer.Delay(TimeSpan.FromMilliseconds(20)));
        await using var portal = await PortalProcess.StartAsync(sink.Receives(await postgres.NewAsync(database)));
        var company = await Company.MakeAsync(portal, users: 60 + 6 * kills);

        for (var kill = 0; kill < kills; kill++)
        {
            if (!portal.IsRunning) await portal.StartAgainAsync();
            var before = sink.Count;
            await company.DisableMfaAsync();
            // Any number, from no mail sent to all of them.
            var sent = RandomNumberGenerator.GetInt32(company.MailsEach + 1);
            await Eventually.TrueAsync(() => sink.Count >= before + sent, "some of the mail went out", Leased);
            await portal.KillAsync();
        }
        await portal.StartAgainAsync();

        var ids = await WaitForAllAsync(sink, company.MailsDue);
        output.WriteLine(
            $"{database}: {kills} kills, {company.MailsDue} mails due, {ids.Count - company.MailsDue} repeated with the same Message-ID");
        Assert.InRange(ids.Count - company.MailsDue, 0, kills * Lanes);
    }

    [Fact]
    public async Task Two_nodes_share_a_full_outbox_and_send_each_mail_once()
    {
        var mails = Count("PORTAL_MAILS", 100);
        await using var sink = await SmtpSink.StartAsync();
        await using var a = await PortalProcess.StartAsync(sink.Receives(await postgres.NewAsync(DatabaseKind.Postgres)));
        await using var b = new PortalProcess(a.AnotherNode());
        var company = await Company.MakeAsync(a, users: 300 + 10 * mails);

        var alone = await RateAsync(a);
        var together = await RateAsync(a, b);

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{company.MailsDue} mails; one node {alone:0} a second, two nodes {together:0} a second ({together / alone:0.00} times)"));

        async Task<double> RateAsync(params PortalProcess[] nodes)
        {
            await a.StopAsync();
            var (sentBefore, until) = (company.MailsDue, company.MailsDue + mails / 2);
            while (company.MailsDue < until) await company.DisableMfaAsync();
            await Task.WhenAll(nodes.Select(node => node.StartAgainAsync()));
            var ids = await WaitForAllAsync(sink, company.MailsDue);
            Assert.Equal(company.MailsDue, ids.Count);
            var arrivals = sink.Arrivals.Skip(sentBefore).ToList();
            return (arrivals.Count - 1) / (arrivals[^1] - arrivals[0]).TotalSeconds;
        }
    }

    private const int Lanes = 4;

    /// <summary>Longer than the lease of 90 s after which the messages of a killed node are free again.</summary>
    private static readonly TimeSpan Leased = TimeSpan.FromSeconds(150);

    private static int Count(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var count) ? count : otherwise;

    private static async Task<IReadOnlyList<string>> WaitForAllAsync(SmtpSink sink, int due)
    {
        // Waits as long as mails arrive. Messages are read only once enough have arrived: reading them takes time from those who send.
        for (var (seen, enough) = (sink.Count, due); ; seen = sink.Count)
        {
            if (seen < enough)
            {
                var next = Math.Min(enough, seen + 500);
                await Eventually.TrueAsync(() => sink.Count >= next, $"{next} of {enough} mails arrive", Leased);
                continue;
            }
            List<string> ids = [.. sink.Mailbox.All().Select(mail => mail.MessageId!)];
            var missing = due - ids.Distinct().Count();
            if (missing <= 0) return ids;
            enough = ids.Count + missing;
        }
    }

    /// <summary>
    /// A company made by the command <c>demo</c>. Each time somebody's MFA is disabled, that person and every system administrator who is not
    /// inactive get a mail.
    /// </summary>
    private sealed class Company(PortalProcess portal, IEnumerable<string> enrolled, int administrators)
    {
        private readonly Queue<string> _enrolled = new(enrolled);

        public int MailsEach => administrators + 1;

        public int MailsDue { get; private set; }

        public static async Task<Company> MakeAsync(PortalProcess portal, int users)
        {
            (await portal.RunCommandAsync(["demo", "--users", users.ToString(CultureInfo.InvariantCulture)])).OutputOrThrow("demo");
            var rows = (await portal.RunCommandAsync(["users"])).OutputOrThrow("users")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t')).ToList();
            return new(
                portal,
                rows.Where(row => row[3] == "enrolled").Select(row => row[0]),
                rows.Count(row => row[4].Trim() == "system administrator" && row[2] != "Inactive"));
        }

        public async Task DisableMfaAsync()
        {
            (await portal.RunCommandAsync(["disable-mfa", _enrolled.Dequeue()])).OutputOrThrow("disable-mfa");
            MailsDue += MailsEach;
        }
    }
}
