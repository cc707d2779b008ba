using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Measures how fast the published portal sends a full outbox to Postfix: an earlier version by one node, this version by one node and by two,
/// interleaved. One mail is made by the portal's own rescue command; its row is then copied, because no command queues thousands within a minute.
/// </summary>
/// <param name="earlier">The folder of the earlier version, published.</param>
internal sealed class OutboxBenchmark(TextWriter report, int mails, bool postgres, string earlier, int rounds)
{
    /// <summary>The first part of each run compiles code in both versions, and does not count.</summary>
    private const double WarmUp = 0.25;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task<int> RunAsync()
    {
        var now = await PublishedPortal.FolderAsync();
        await using var cluster = new PostgresCluster();
        await using var server = await OutboxMailServer.StartAsync();
        await using var before = await Site.MakeAsync(earlier, postgres ? await cluster.CreateDatabaseAsync() : null, server.Port);
        await using var after = await Site.MakeAsync(now, postgres ? await cluster.CreateDatabaseAsync() : null, server.Port);
        List<double> old = [], one = [], two = [];
        for (var round = 0; round < rounds; round++)
        {
            await MeasureAsync("earlier, one node", before, nodes: 1, old);
            await MeasureAsync("this, one node", after, nodes: 1, one);
            if (postgres) await MeasureAsync("this, two nodes", after, nodes: 2, two);
        }
        var ids = await server.MessageIdsAsync();
        var due = mails * (old.Count + one.Count + two.Count);
        await WriteAsync($"mails due {due}, arrived {ids.Count}, different {ids.Distinct().Count()}");
        await WriteAsync($"one node: {Median(one):0} a second, earlier {Median(old):0}: {Median(one) / Median(old):0.00} times");
        if (postgres) await WriteAsync($"two nodes: {Median(two):0} a second: {Median(two) / Median(one):0.00} times one");
        await WriteAsync($"machine: {Environment.ProcessorCount} processors, {RuntimeName()}, {(postgres ? "PostgreSQL" : "SQLite")}");
        return ids.Count == due && ids.Distinct().Count() == due ? 0 : 1;

        async Task MeasureAsync(string name, Site site, int nodes, List<double> rates)
        {
            await site.FillAsync(mails);
            var clock = Stopwatch.StartNew();
            await site.StartAsync(nodes);
            // Looked at seldom, because looking costs time too.
            while (await site.CountWaitingAsync() > 0)
            {
                if (clock.Elapsed > Patience) throw new TimeoutException($"{name}: the outbox does not become empty");
                await Task.Delay(TimeSpan.FromMilliseconds(500));
            }
            var whole = clock.Elapsed;
            await site.StopAsync();
            var times = await site.SentAtAsync();
            var first = (int)(times.Count * WarmUp);
            rates.Add((times.Count - 1 - first) / (times[^1] - times[first]).TotalSeconds);
            await WriteAsync($"{name,-20} {rates[^1],7:0} a second ({mails} mails; {whole.TotalSeconds:0} s with the start)");
        }
    }

    private static string RuntimeName() => System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private Task WriteAsync(FormattableString line) => report.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>A version of the portal with a database of its own.</summary>
    private sealed class Site : IAsyncDisposable
    {
        private readonly string _portal;
        private readonly Dictionary<string, string> _settings;
        private readonly string _folder = Reaper.NewFolder("outbox");
        private readonly string? _postgres;
        private readonly List<Process> _nodes = [];
        private readonly HttpClient _prober = new() { Timeout = TimeSpan.FromSeconds(5) };

        private Site(string portal, string? connection, int smtpPort)
        {
            (_portal, _postgres) = (portal, connection);
            _settings = (new PortalSettings { PostgresConnection = connection }
                .With("Mail:Smtp:Host", "127.0.0.1")
                .With("Mail:Smtp:Port", smtpPort.ToString(CultureInfo.InvariantCulture))
                .With("Mail:Smtp:Security", "None")).ToConfiguration(_folder, "https://portal.example.test");
        }

        public static async Task<Site> MakeAsync(string portal, string? connection, int smtpPort)
        {
            var site = new Site(portal, connection, smtpPort);
            await site.StartAsync(nodes: 1);
            await site.StopAsync();
            await site.CommandAsync("demo", "--users", "60");
            var users = await site.CommandAsync("users");
            var enrolled = users.Split('\n').Select(line => line.Split('\t')).First(row => row.Length > 3 && row[3] == "enrolled")[0];
            await site.CommandAsync("disable-mfa", enrolled);
            return site;
        }

        /// <summary>Empties the outbox but for one row, and copies that row.</summary>
        public async Task FillAsync(int mails)
        {
            await using var connection = await OpenAsync();
            const string some = """SELECT CAST("Id" AS TEXT) FROM "Outbox" WHERE "TemplateKey" = 'mfa-disabled' LIMIT 1""";
            var first = (string)(await ScalarAsync(connection, some))!;
            await ExecuteAsync(connection, $"""DELETE FROM "Outbox" WHERE CAST("Id" AS TEXT) <> '{first}'""");
            List<string> columns = [];
            await using (var command = connection.CreateCommand())
            {
                command.CommandText = """SELECT * FROM "Outbox" """;
                await using var reader = await command.ExecuteReaderAsync();
                for (var i = 0; i < reader.FieldCount; i++) columns.Add(reader.GetName(i));
            }
            var (id, numbers) = _postgres is not null
                ? ("gen_random_uuid()", $"generate_series(1, {mails.ToString(CultureInfo.InvariantCulture)}) AS n")
                : ("substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-A' || substr(h, 18, 3) || '-' || substr(h, 21, 12)",
                    $"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {mails.ToString(CultureInfo.InvariantCulture)})"
                    + " SELECT hex(randomblob(16)) AS h FROM n)");
            var values = columns.Select(name => name switch
            {
                "Id" => id,
                "State" or "Attempts" or "Refusals" => "0",
                "MessageId" or "Subject" or "SentAt" or "LastError" or "ClaimedBy" or "ClaimedUntil" => "NULL",
                // The first attempt is due, and the last one in a day, whenever the row was written.
                "GiveUpAt" => _postgres is not null ? "now() + interval '1 day'" : "\"GiveUpAt\" + 864000000000",
                _ => $"\"{name}\"",
            });
            await ExecuteAsync(
                connection,
                $"""
                INSERT INTO "Outbox" ({string.Join(", ", columns.Select(name => $"\"{name}\""))})
                SELECT {string.Join(", ", values)} FROM "Outbox", {numbers} WHERE CAST("Id" AS TEXT) = '{first}'
                """);
            // The row that is copied is itself not due.
            await ExecuteAsync(connection, $"""UPDATE "Outbox" SET "State" = 2 WHERE CAST("Id" AS TEXT) = '{first}'""");
            await ExecuteAsync(connection, _postgres is not null ? "VACUUM ANALYZE" : "ANALYZE");
        }

        public async Task<int> CountWaitingAsync()
        {
            await using var connection = await OpenAsync();
            return Convert.ToInt32(
                await ScalarAsync(connection, """SELECT count(*) FROM "Outbox" WHERE "State" = 0"""), CultureInfo.InvariantCulture);
        }

        /// <summary>When each mail was sent, in order.</summary>
        public async Task<IReadOnlyList<DateTime>> SentAtAsync()
        {
            await using var connection = await OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = """SELECT "SentAt" FROM "Outbox" WHERE "State" = 1 ORDER BY "SentAt" """;
            await using var reader = await command.ExecuteReaderAsync();
            List<DateTime> times = [];
            while (await reader.ReadAsync()) times.Add(_postgres is not null ? reader.GetDateTime(0) : new DateTime(reader.GetInt64(0)));
            return times;
        }

        public async Task StartAsync(int nodes)
        {
            for (var node = 0; node < nodes; node++)
            {
                var address = $"http://localhost:{FreePort.Next().ToString(CultureInfo.InvariantCulture)}";
                var settings = new Dictionary<string, string>(_settings) { ["ASPNETCORE_URLS"] = address };
                if (node > 0)
                {
                    settings["Portal:DataFolder"] = Directory.CreateDirectory(Path.Combine(_folder, "another")).FullName;
                    settings["KeyRing:CertificatePath"] = Path.Combine(_folder, "key-ring.pfx");
                }
                var process = Process.Start(await StartInfoAsync(settings, []))!;
                Reaper.Kill(process);
                _nodes.Add(process);
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
                await Eventually.TrueAsync(() => IsReadyAsync(process, address), "the portal is ready", Patience);
            }
        }

        public async Task StopAsync()
        {
            foreach (var node in _nodes) await Signals.EndAsync(node, "TERM");
            _nodes.Clear();
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _prober.Dispose();
        }

        private async Task<bool> IsReadyAsync(Process process, string address)
        {
            if (process.HasExited) throw new InvalidOperationException($"The portal ended with exit status {process.ExitCode}");
            try
            {
                using var answer = await _prober.GetAsync(new Uri(address + PortalUrls.Ready));
                return answer.IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }

        private async Task<string> CommandAsync(params string[] arguments) =>
            (await CommandLineTool.RunAsync(await StartInfoAsync(_settings, arguments), patience: Patience)).OutputOrThrow(arguments[0]);

        private async Task<ProcessStartInfo> StartInfoAsync(Dictionary<string, string> settings, string[] arguments)
        {
            var start = await PublishedPortal.StartInfoAsync(settings, arguments);
            start.ArgumentList[0] = Path.Combine(_portal, "OpenCrm.Portal.dll");
            start.WorkingDirectory = _portal;
            return start;
        }

        private async Task<DbConnection> OpenAsync()
        {
            DbConnection connection = _postgres is not null
                ? new NpgsqlConnection(_postgres)
                : new SqliteConnection($"Data Source={Path.Combine(_folder, "portal.db")}");
            await connection.OpenAsync();
            return connection;
        }

        private static async Task ExecuteAsync(DbConnection connection, string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandTimeout = 300;
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }

        private static async Task<object?> ScalarAsync(DbConnection connection, string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            return await command.ExecuteScalarAsync();
        }
    }
}
