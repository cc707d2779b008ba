using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>Hashing waits behind a gate: it takes no thread of the circuits, refuses in words, and loses no attempt (docs/architecture.md).</summary>
public sealed class HashGateTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>Red when a hash runs on the thread pool, and when more run at once than the setting says.</summary>
    [Fact]
    public async Task Passwords_are_hashed_on_threads_of_their_own_and_only_so_many_at_once()
    {
        using var hasher = new HeldHasher();
        await using var host = await StartAsync(new PortalSettings().With("Passwords:HashesAtOnce", "2"), hasher);
        hasher.Hold();
        var hashing = host.Services.GetRequiredService<PasswordHashing>();

        var checks = Enumerable.Range(0, 6).Select(n => hashing.CheckAsync(null, "a pass phrase", From($"192.0.2.{n}"))).ToList();
        await Eventually.TrueAsync(() => hasher.Running == 2, "two are being hashed");
        Assert.Equal(4, host.Services.GetRequiredService<HashGate>().Waiting);
        hasher.Release();
        await Task.WhenAll(checks);

        Assert.Equal(2, hasher.MostAtOnce);
        Assert.All(hasher.Threads, thread => Assert.StartsWith("hash ", thread, StringComparison.Ordinal));
    }

    /// <summary>One core is left to whoever clicks.</summary>
    [Fact]
    public void By_default_one_core_does_not_hash() => Assert.Equal(Math.Max(1, Environment.ProcessorCount - 1), new HashLimits().Workers);

    /// <summary>
    /// Red when the queue has no end, when a refused attempt stays counted for account or network, and when neither metric nor health tells of it.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Where_too_many_wait_the_next_is_refused_in_words_uncounted_and_the_operator_sees_it(DatabaseKind kind)
    {
        using var hasher = new HeldHasher();
        await using var host = await StartAsync(
            (await postgres.NewAsync(kind)).With("Passwords:HashesAtOnce", "1").With("Passwords:HashesWaiting", "1"), hasher);
        var ada = await host.AddPersonAsync();
        using var refused = new MetricCollector<long>(
            host.Services.GetRequiredService<IMeterFactory>(), "OpenCrm.Portal", "portal.hashes.refused");
        hasher.Hold();
        var hashing = host.Services.GetRequiredService<PasswordHashing>();
        var first = hashing.CheckAsync(null, "a pass phrase", From("192.0.2.7"));
        await Eventually.TrueAsync(() => hasher.Running == 1, "the first is being hashed");
        var second = hashing.CheckAsync(null, "a pass phrase", From("192.0.2.8"));
        await using var visitor = CircuitVisitor.At(host);

        Assert.IsType<Refusal.Busy>(Refused.For(await visitor.PasswordAsync("ada", ada.Password)));

        Assert.Equal("Degraded", await GateHealthAsync(host));
        Assert.Equal(1, refused.GetMeasurementSnapshot().EvaluateAsCounter());
        Assert.Equal((0, 0), await CountsAsync(host, ada));
        hasher.Release();
        Assert.False((await first)!.IsRight);
        Assert.False((await second)!.IsRight);
        Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync("ada", ada.Password));
    }

    /// <summary>Red when a closed tab keeps its place in the queue, and when what it waited for counts as a wrong password.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Whoever_closes_the_tab_while_waiting_leaves_the_queue_and_is_not_counted(DatabaseKind kind)
    {
        using var hasher = new HeldHasher();
        await using var host = await StartAsync((await postgres.NewAsync(kind)).With("Passwords:HashesAtOnce", "1"), hasher);
        var ada = await host.AddPersonAsync();
        var gate = host.Services.GetRequiredService<HashGate>();
        hasher.Hold();
        var first = host.Services.GetRequiredService<PasswordHashing>().CheckAsync(null, "a pass phrase", From("192.0.2.7"));
        await Eventually.TrueAsync(() => hasher.Running == 1, "another one is being hashed");
        var visitor = CircuitVisitor.At(host);
        var waiting = visitor.PasswordAsync("ada", ada.Password);
        await Eventually.TrueAsync(() => gate.Waiting == 1, "the password waits");

        await visitor.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, gate.Waiting);
        Assert.Equal((0, 0), await CountsAsync(host, ada));
        hasher.Release();
        await first;
        Assert.Equal(1, hasher.Verified(Argon2.KindOf(HeldHasher.Cost)));
    }

    /// <summary>
    /// Many tabs, or many people who share an account, with the right password at the same moment. Red when an attempt that finds as many as the
    /// limit allows in flight gives up before its turn.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Sixty_right_passwords_for_one_account_at_once_wait_their_turn_and_all_sign_in(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)));
        await host.SetSecurityAsync(attempts: 1);
        var ada = await host.AddPersonAsync();
        var visitors = Enumerable.Range(0, 60).Select(_ => CircuitVisitor.At(host)).ToList();

        var outcomes = await TestAccounts.AtOnceAsync(
            visitors.Select(visitor => (Func<Task<SignInOutcome>>)(() => visitor.PasswordAsync("ada", ada.Password))));

        foreach (var visitor in visitors) await visitor.DisposeAsync();
        Assert.All(outcomes, outcome => Assert.IsType<SignInOutcome.Proved>(outcome));
        Assert.Equal((0, 0), await CountsAsync(host, ada));
    }

    private static Task<PortalHost> StartAsync(PortalSettings settings, HeldHasher hasher) =>
        PortalHost.StartAsync(settings, replace: services => services.AddSingleton<IPasswordHasher<PortalUser>>(hasher));

    private static Caller.Nobody From(string address) => new() { Address = address };

    private static async Task<string?> GateHealthAsync(PortalHost host)
    {
        using var client = host.CreateClient();
        var answer = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync(PortalUrls.Ready));
        return answer.GetProperty("checks").GetProperty("passwordHashes").GetProperty("status").GetString();
    }

    private static async Task<(int Account, int Network)> CountsAsync(PortalHost host, TestPerson person)
    {
        await using var work = await host.BeginAsync();
        return ((await host.UserAsync(person)).AccessFailedCount, work.Query<AddressCount>().Sum(count => count.Count));
    }

    /// <summary>Hashes as the portal does, but only while a test lets it.</summary>
    private sealed class HeldHasher : IPasswordHasher<PortalUser>, IDisposable
    {
        public static readonly Argon2Cost Cost = new(MemoryKiB: 8, Passes: 1);
        private readonly PortalPasswordHasher _hasher = new(Cost);
        private readonly ManualResetEventSlim _free = new(true);
        private readonly ConcurrentBag<string> _kinds = [];
        private int _running;

        public int Running => _running;

        public int MostAtOnce { get; private set; }

        public ConcurrentBag<string> Threads { get; } = [];

        public int Verified(string kind) => _kinds.Count(one => one == kind);

        public void Hold()
        {
            _kinds.Clear();
            Threads.Clear();
            MostAtOnce = 0;
            _free.Reset();
        }

        public void Release() => _free.Set();

        public void Dispose() => _free.Dispose();

        public string HashPassword(PortalUser user, string password) => _hasher.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(PortalUser user, string hashedPassword, string providedPassword)
        {
            lock (Threads) MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
            Threads.Add(Thread.CurrentThread.Name ?? "a thread without a name");
            _kinds.Add(HashKinds.Of(hashedPassword));
            _free.Wait();
            Interlocked.Decrement(ref _running);
            return _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
