using System.Diagnostics;
using System.Globalization;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>
/// Goal 13: how many mails a second leave the outbox to a fast mail server of this machine (Postfix's smtp-sink, which throws them away), beside the
/// portal of before, and by two nodes. All are queued by one act: MFA is disabled where thousands of administrators must hear of it.
/// </summary>
internal static class MailGoal
{
    public static async Task RunAsync(Goal goal)
    {
        var (rounds, mails) = (goal.Options.Number("rounds", 3, 1), goal.Options.Number("mails", 3000, 3));
        var port = FreePort.Next();
        await using var sink = SmtpDrain.Start(port);
        PortalSettings ToSink(PortalSettings settings) => settings
            .With("Mail:Smtp:Host", "127.0.0.1").With("Mail:Smtp:Port", port.ToString(CultureInfo.InvariantCulture)).With("Mail:Smtp:Security",
                "None");
        var users = goal.Options.Number("users", 8000, 60);
        List<Contestant> all = [await Contestant.OfAsync(await goal.PortalAsync(users, true, ToSink), mails)];
        if (await goal.EarlierAsync(users, true, ToSink) is { } earlier) all.Add(await Contestant.OfAsync(earlier, mails));
        for (var round = 0; round < rounds; round++)
            foreach (var one in all)
                await one.SendAsync(one.One);
        await using (var second = await all[0].Portal.AnotherNodeAsync())
            for (var round = 0; round < rounds; round++)
                await all[0].SendAsync(all[0].Two);
        var queued = all.Sum(one => one.Queued);
        var (mine, other) = (all[0], all.Count > 1 ? all[1] : null);
        await goal.Report.AddAsync(new(
            13, "mails a second from the outbox", mine.One.Median, "/s", mine.One.Spread, other?.Portal.Name, other?.One.Median,
            Measure.RatioAtLeast, 3));
        await goal.Report.AddAsync(new(
            13, "the same by two nodes", mine.Two.Median, "/s", mine.Two.Spread, "one node", mine.One.Median, Measure.RatioAtLeast, 1.5));
        await goal.Report.AddAsync(new(
            13, $"mails sent more than once, of {queued:N0}", await sink.EndAsync() - queued, "mails", Measure: Measure.AtMost, Limit: 0));
    }

    private sealed class Contestant(PortalServer portal, IReadOnlyList<string> enrolled)
    {
        private int _next;

        public PortalServer Portal => portal;

        public Runs One { get; } = new();

        public Runs Two { get; } = new();

        /// <summary>How many mails it had to send so far.</summary>
        public long Queued { get; private set; }

        /// <summary>Makes so many people administrators: each of them gets every mail about MFA that was disabled.</summary>
        public static async Task<Contestant> OfAsync(PortalServer portal, int administrators)
        {
            await using var database = await portal.OpenDatabaseAsync();
            await database.ExecuteAsync(
                $"""
                 UPDATE "Users" SET "IsSystemAdministrator" = true WHERE "Id" IN (
                     SELECT "Id" FROM "Users" WHERE "State" = 0 AND "LockoutEnd" IS NULL AND NOT "TwoFactorEnabled" LIMIT {administrators})
                 """);
            return new(portal, await database.ReadAsync(
                """
                SELECT "UserName" FROM "Users"
                WHERE "State" = 0 AND "LockoutEnd" IS NULL AND "TwoFactorEnabled" AND NOT "IsSystemAdministrator"
                """));
        }

        public async Task SendAsync(Runs runs)
        {
            await using var database = await portal.OpenDatabaseAsync();
            await database.ExecuteAsync("""DELETE FROM "Outbox" """);
            await portal.RunAsync("disable-mfa", enrolled[_next++]);
            var waited = Stopwatch.StartNew();
            while (await CountAsync(database, "\"State\" = 0") > 0)
            {
                if (waited.Elapsed > TimeSpan.FromMinutes(5)) throw new TimeoutException("The outbox does not become empty");
                await Task.Delay(200);
            }
            Queued += await CountAsync(database, "\"State\" = 1");
            // By the rows' own times: from the first that was sent to the last.
            var rate = await database.ReadAsync(
                """
                SELECT ((count(*) - 1) / greatest(extract(epoch FROM max("SentAt") - min("SentAt")), 0.001))::text FROM "Outbox" WHERE "State" = 1
                """);
            runs.Add(double.Parse(rate[0], CultureInfo.InvariantCulture));
        }

        private static async Task<long> CountAsync(PortalDatabase database, string which) =>
            long.Parse((await database.ReadAsync($"""SELECT count(*)::text FROM "Outbox" WHERE {which}"""))[0], CultureInfo.InvariantCulture);
    }
}
