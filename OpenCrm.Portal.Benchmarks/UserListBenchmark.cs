using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Home;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Measures the user list with many users, through the portal's own services and with an administrator's session. It listens to the statements that
/// they send instead of copying them. The download is measured over HTTP, from the published portal in a process of its own.
/// </summary>
internal sealed class UserListBenchmark(Report report, int users, bool postgres, int runs, string only = "")
{
    /// <summary>The most milliseconds that all statements of Home may take together in 95 of 100 runs.</summary>
    private const int HomeLimit = 20;

    private readonly List<(string Scenario, string Plan)> _plans = [];
    private readonly List<(string Name, int Limit, double Milliseconds)> _slowest = [];
    private string _connection = "";

    public async Task RunAsync()
    {
        await PublishedPortal.FolderAsync();
        await using var cluster = new PostgresCluster();
        var settings = new PortalSettings { DataFolder = Environment.GetEnvironmentVariable("BENCHMARK_FOLDER") };
        if (postgres)
        {
            var database = Environment.GetEnvironmentVariable("BENCHMARK_POSTGRES") ?? await cluster.CreateDatabaseAsync();
            settings = settings with { PostgresConnection = database };
        }
        await using var portal = await PortalProcess.StartAsync(settings);
        var configuration = settings.ToConfiguration(portal.DataFolder, "http://localhost");
        await using var app = await PortalServices.BuildAsync(configuration);
        _connection = settings.PostgresConnection ?? $"Data Source={Path.Combine(portal.DataFolder, "portal.db")}";

        await FillAsync(portal, app);
        await new UserExportBenchmark(report).RunAsync(portal.BaseAddress, portal.ProcessId);
        using var watch = new SqlWatch();
        await using var circuit = app.Services.CreateAsyncScope();
        await SignInAsync(circuit.ServiceProvider);
        var list = circuit.ServiceProvider.GetRequiredService<UserList>();
        await WriteAsync($"{"",-70} {"SQL least",9} {"p50",9} {"p95",9} {"call p50",9} {"p95",9} ms");
        var over = 0;
        var scenarios = UserListScenario.All(await DeepAsync(app.Services))
            .Where(scenario => scenario.Name.Contains(only, StringComparison.OrdinalIgnoreCase));
        foreach (var scenario in scenarios)
            over += await MeasureAsync(scenario, list, watch) ? 0 : 1;
        await MeasureAsync("counts of the chips", UserListScenario.None, () => list.CountAsync(new()), watch);
        await MeasureAsync("counts of the chips, search hiv", UserListScenario.None, () => list.CountAsync(new() { Search = "hiv" }), watch);
        await MeasureAsync("counts of the chips, search son", UserListScenario.None, () => list.CountAsync(new() { Search = "son" }), watch);
        var trail = circuit.ServiceProvider.GetRequiredService<AuditList>();
        foreach (var (name, query) in await AuditQueriesAsync(app.Services))
            over += await MeasureAsync($"audit trail: {name}", UserListScenario.Page, () => trail.ReadAsync(query), watch) ? 0 : 1;
        await FillDaysAsync(app.Services);
        var (own, figures) = (circuit.ServiceProvider.GetRequiredService<OwnSecurity>(), circuit.ServiceProvider.GetRequiredService<HomeFigures>());
        over += await MeasureAsync("home of an administrator, all statements", HomeLimit, HomeAsync, watch, _ => true) ? 0 : 1;
        await WriteAsync($"{over} of them over their limit.");
        foreach (var (limit, what) in new[] { (UserListScenario.Page, "pages, sorts and filters"), (UserListScenario.Search, "searches") })
        {
            var slowest = _slowest.Where(one => one.Limit == limit).MaxBy(one => one.Milliseconds);
            if (slowest.Name is not null)
                await report.AddAsync(new(
                    4, $"user list of {users:N0}, slowest of all {what} ({slowest.Name}), SQL p95", slowest.Milliseconds, "ms",
                    Measure: Measure.AtMost, Limit: limit));
        }
        await report.SayAsync("");
        foreach (var (scenario, plan) in runs > 1 ? _plans : []) await WriteAsync($"== {scenario}\n{plan}\n");

        async Task HomeAsync()
        {
            await own.ReadAsync();
            await figures.ReadAsync();
        }
    }

    private async Task FillAsync(PortalProcess portal, WebApplication app)
    {
        int already;
        await using (var work = await app.Services.GetRequiredService<UnitsOfWork>().ReadAsync())
            already = await work.Query<PortalUser>().CountAsync();
        if (already < users)
        {
            var clock = Stopwatch.StartNew();
            var made = await portal.RunCommandAsync(
                ["demo", "--users", (users - already + 1).ToString(CultureInfo.InvariantCulture)],
                patience: TimeSpan.FromHours(1));
            made.OutputOrThrow("demo");
            await WriteAsync($"demo of {users - already + 1:N0} users: {clock.Elapsed.TotalSeconds:0} s");
        }
        // Autovacuum would do this within a minute of such a load.
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = postgres ? "VACUUM ANALYZE" : "ANALYZE";
        await command.ExecuteNonQueryAsync();
    }

    private static async Task SignInAsync(IServiceProvider circuit)
    {
        var units = circuit.GetRequiredService<UnitsOfWork>();
        Guid session;
        await using (var work = await units.BeginAsync())
        {
            session = await work.AddSessionAsync("ADMIN");
            // The list can be sorted and filtered by MFA Enabled only while the MFA switch is on.
            await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, true));
            await work.CommitAsync();
        }
        await using var reading = await units.ReadAsync();
        circuit.GetRequiredService<PortalAuthenticationStateProvider>()
            .Switch((SessionState.Active)await SessionCheck.EvaluateAsync(reading, session));
    }

    /// <summary>Finds the middle of the list in each order. These statements are the benchmark's own, use OFFSET, and are not measured.</summary>
    private static async Task<IReadOnlyDictionary<UserColumn, UserCursor>> DeepAsync(IServiceProvider services)
    {
        await using var work = await services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var all = work.Query<PortalUser>();
        var half = await all.CountAsync() / 2;
        async Task<UserCursor> AtAsync(int stretch, IQueryable<PortalUser> ordered, Func<PortalUser, string?> value)
        {
            var rows = Math.Min(half, await ordered.CountAsync() - 100);
            var user = await ordered.Skip(rows).FirstAsync();
            return new(stretch, user.Id, value(user));
        }
        return new Dictionary<UserColumn, UserCursor>
        {
            [UserColumn.Username] = await AtAsync(0, all.OrderBy(u => u.NormalizedUserName).ThenBy(u => u.Id), u => u.NormalizedUserName),
            [UserColumn.Name] = await AtAsync(0, all.OrderBy(u => u.NormalizedName).ThenBy(u => u.Id), u => u.NormalizedName),
            [UserColumn.Email] = await AtAsync(0, all.OrderBy(u => u.NormalizedEmail).ThenBy(u => u.Id), u => u.NormalizedEmail),
            [UserColumn.SystemAdministrator] = await AtAsync(0, all.Where(u => !u.IsSystemAdministrator).OrderBy(u => u.Id), _ => null),
            [UserColumn.Status] = await AtAsync(
                0, all.Where(u => u.State == AccountState.Active && u.LockoutEnd == null).OrderBy(u => u.Id), _ => null),
            [UserColumn.Mfa] = await AtAsync(0, all.Where(u => !u.TwoFactorEnabled).OrderBy(u => u.Id), _ => null),
            [UserColumn.LastSignIn] = await AtAsync(
                1, all.Where(u => u.LastSignInAt != null).OrderBy(u => u.LastSignInAt).ThenBy(u => u.Id),
                u => u.LastSignInAt!.Value.UtcTicks.ToString(CultureInfo.InvariantCulture)),
        };
    }

    private static async Task<IReadOnlyList<(string Name, AuditQuery Query)>> AuditQueriesAsync(IServiceProvider services)
    {
        await using var work = await services.GetRequiredService<UnitsOfWork>().ReadAsync();
        var events = work.Query<AuditEntry>();
        var middle = await events.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Skip(await events.CountAsync() / 2).FirstAsync();
        var person = await work.Query<PortalUser>().Where(u => u.Id == middle.SubjectId).Select(u => u.UserName!).SingleAsync();
        var day = DateOnly.FromDateTime(middle.At.UtcDateTime);
        var deep = new AuditCursor(middle.At, middle.Id);
        return
        [
            ("newest", new()),
            ("older at the middle", new AuditQuery().OlderThan(deep)),
            ("newer at the middle", new AuditQuery().NewerThan(deep)),
            ("a common kind", new() { Kind = nameof(AuditEvent.SignedIn) }),
            ("a rare kind", new() { Kind = nameof(AuditEvent.UsersMade) }),
            ("a kind that never was", new() { Kind = nameof(AuditEvent.TemplateFailed) }),
            ("a kind, older at the middle", new AuditQuery { Kind = nameof(AuditEvent.SignedIn) }.OlderThan(deep)),
            ("a day", new() { From = day, To = day }),
            ("a kind and a day", new() { Kind = nameof(AuditEvent.LockedAfterFailures), From = day, To = day }),
            ("a user", new() { User = person }),
            ("a user and a kind", new() { User = person, Kind = nameof(AuditEvent.SignedIn) }),
            ("a user, a kind and a day", new() { User = person, Kind = nameof(AuditEvent.WrongPassword), From = day, To = day }),
            ("a user who does nothing", new() { User = "admin" }),
        ];
    }

    private Task<bool> MeasureAsync(UserListScenario scenario, UserList list, SqlWatch watch) =>
        MeasureAsync(scenario.Name, scenario.Limit, () => list.ReadAsync(scenario.Query), watch);

    /// <summary>Writes the days of the line that the portal, which has just started, could not count.</summary>
    private static async Task FillDaysAsync(IServiceProvider services)
    {
        await using var work = await services.GetRequiredService<UnitsOfWork>().BeginAsync();
        var today = DateOnly.FromDateTime(work.Now.UtcDateTime);
        var there = await work.Query<DayFigures>().Select(d => d.Day).ToListAsync();
        foreach (var day in Enumerable.Range(0, 90).Select(ago => today.AddDays(-ago)).Except(there))
            work.Add(new DayFigures { Day = day, TakenAt = work.Now, UsersCountedAt = work.Now, WithMfa = 400_000, WithoutMfa = 600_000 });
        await work.CommitAsync();
    }

    /// <param name="counts">The statements that are added up; without it those of a list.</param>
    private async Task<bool> MeasureAsync(string name, int limit, Func<Task> ask, SqlWatch watch, Func<Statement, bool>? counts = null)
    {
        List<double> sql = [], calls = [];
        IReadOnlyList<Statement> statements = [];
        var prefersIndexes = false;
        for (var run = 0; run < runs + 3; run++)
        {
            watch.Take();
            var clock = Stopwatch.StartNew();
            await ask();
            var call = clock.Elapsed.TotalMilliseconds;
            var all = watch.Take();
            prefersIndexes = all.Any(statement => statement.Sql.Contains("enable_seqscan", StringComparison.Ordinal));
            statements = [.. all.Where(counts ?? IsOfTheList)];
            // The first runs compile the query and open connections, so they do not count.
            if (run < 3) continue;
            calls.Add(call);
            sql.Add(statements.Sum(statement => statement.Time.TotalMilliseconds));
        }
        var plans = new List<string>();
        foreach (var statement in statements.Where(statement => statement.Sql.StartsWith("SELECT", StringComparison.Ordinal)))
            plans.Add(await PlanAsync(statement, prefersIndexes));
        var plan = string.Join('\n', plans);
        _plans.Add((name, plan));
        var scans = plan.Contains("Seq Scan on", StringComparison.Ordinal) || plan.Split('\n').Any(ScansTable);
        var offset = statements.Any(statement => statement.Sql.Contains("OFFSET", StringComparison.Ordinal));
        var ok = limit == UserListScenario.None || At(sql, 95) <= limit;
        var remarks = $"{(ok ? "" : $"  over {limit}")}{(scans ? "  SEQUENTIAL SCAN" : "")}{(offset ? "  OFFSET" : "")}";
        _slowest.Add((name, limit, At(sql, 95)));
        await WriteAsync(
            $"{name,-70} {At(sql, 0),9:0.00} {At(sql, 50),9:0.00} {At(sql, 95),9:0.00} {At(calls, 50),9:0.00} {At(calls, 95),9:0.00}{remarks}");
        return ok;
    }

    /// <summary>
    /// Whether a line of SQLite's plan scans a table. Tables appear by their alias; an alias with a number belongs to a subquery, whose rows are all
    /// read anyway.
    /// </summary>
    private static bool ScansTable(string line) => line is "SCAN u" or "SCAN a";

    /// <summary>Leaves out the statements that check the session and read the settings.</summary>
    private static bool IsOfTheList(Statement statement) =>
        statement.Sql.Contains("\"Users\"", StringComparison.Ordinal) && !statement.Sql.Contains("\"Sessions\"", StringComparison.Ordinal);

    /// <param name="prefersIndexes">Whether the portal switched sequential scans off for it.</param>
    private async Task<string> PlanAsync(Statement statement, bool prefersIndexes)
    {
        await using var connection = await OpenAsync();
        if (prefersIndexes)
        {
            await using var prefer = connection.CreateCommand();
            prefer.CommandText = "SET enable_seqscan = off";
            await prefer.ExecuteNonQueryAsync();
        }
        await using var command = connection.CreateCommand();
        command.CommandText = (postgres ? "EXPLAIN (ANALYZE, BUFFERS) " : "EXPLAIN QUERY PLAN ") + statement.Sql;
        foreach (var parameter in statement.Parameters) command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync()) lines.Add(reader.GetString(postgres ? 0 : 3));
        return string.Join('\n', lines);
    }

    private async Task<DbConnection> OpenAsync()
    {
        DbConnection connection = postgres ? new NpgsqlConnection(_connection) : new SqliteConnection(_connection);
        await connection.OpenAsync();
        return connection;
    }

    private static double At(List<double> times, int percent)
    {
        times.Sort();
        return times[Math.Min(times.Count - 1, times.Count * percent / 100)];
    }

    private Task WriteAsync(FormattableString line) => report.SayAsync(line.ToString(CultureInfo.InvariantCulture));
}
