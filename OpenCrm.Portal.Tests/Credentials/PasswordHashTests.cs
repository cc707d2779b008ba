using System.Collections.Concurrent;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>How passwords are hashed, and how hashes of earlier versions go on (docs/spec.md 1.6, docs/threats.md).</summary>
public sealed class PasswordHashTests(PostgresCluster postgres)
{
    private const string Wrong = "Not the pass phrase at all";
    private static readonly Argon2Cost Cheap = new(MemoryKiB: 8, Passes: 1);
    private static readonly PortalPasswordHasher Hasher = new(Cheap);

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Made by the reference implementation and by another library: a hash moves between systems. Red when the password is hashed as UTF-16.
    /// </summary>
    [Theory]
    [InlineData(
        "correct horse battery staple – ünïcode 🐎",
        "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyBvaw$ADg0iwKbvTQioNqsc6qM3fZCSFtc66vfW+dTdzHYnnU")]
    [InlineData(
        "A long enough pass phrase", "$argon2id$v=19$m=64,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHKk")]
    [InlineData(
        "A long enough pass phrase", "$argon2id$v=19$t=3,p=1,m=64$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHKk")]
    public void A_hash_of_another_implementation_is_read_as_it_is_meant(string password, string hash)
    {
        Assert.True(Argon2.Verify(hash, password));
        Assert.False(Argon2.Verify(hash, password + " "));
    }

    /// <summary>Red when cost, version or lanes of a stored hash are taken unseen: one row could stop the server.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("$")]
    [InlineData("$argon2id$")]
    [InlineData("$argon2i$v=19$m=64,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHKk")]
    [InlineData("$argon2id$v=16$m=64,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHKk")]
    [InlineData("$argon2id$v=19$m=64,t=3,p=2$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHKk")]
    [InlineData("$argon2id$v=19$m=4194304,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHKk")]
    [InlineData("$argon2id$v=19$m=64,t=1000,p=1$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHKk")]
    [InlineData("$argon2id$v=19$m=64,m=64,p=1$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHKk")]
    [InlineData("$argon2id$v=19$m=64,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$CZHR9fOEi/0jva27Qa94ZeHEPa2DILXxno2ytplkHK!")]
    [InlineData("$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy")]
    [InlineData("no Base64 at all")]
    [InlineData("AQAAAAIAAzRQAAAA")]
    [InlineData("AQAAAAIAAzRQAAAAand no Base64")]
    public void What_is_no_hash_of_ours_fits_no_password_and_breaks_nothing(string stored) =>
        Assert.Equal(PasswordVerificationResult.Failed, Hasher.VerifyHashedPassword(new(), stored, "A long enough pass phrase"));

    /// <summary>Red when a hash of lower cost is left as it is, and when one of higher cost is weakened.</summary>
    [Fact]
    public void A_hash_is_made_anew_only_where_it_costs_less_than_configured()
    {
        var dearer = new PortalPasswordHasher(new(MemoryKiB: 64, Passes: 2));
        var cheap = Hasher.HashPassword(new(), Wrong);

        Assert.Equal(PasswordVerificationResult.Success, Hasher.VerifyHashedPassword(new(), cheap, Wrong));
        Assert.Equal(PasswordVerificationResult.SuccessRehashNeeded, dearer.VerifyHashedPassword(new(), cheap, Wrong));
        Assert.Equal(PasswordVerificationResult.Success, Hasher.VerifyHashedPassword(new(), dearer.HashPassword(new(), Wrong), Wrong));
        Assert.NotEqual(cheap, Hasher.HashPassword(new(), Wrong));
    }

    /// <summary>
    /// Red when the hash is not replaced, is replaced after a wrong password, or is replaced outside the transaction of the sign-in.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_hash_of_an_earlier_version_signs_in_and_is_a_new_one_afterwards(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(await postgres.NewAsync(kind));
        var ada = await host.AddPersonAsync();
        await StoreEarlierAsync(host, ada, iterations: 100_000);
        await using var visitor = CircuitVisitor.At(host);

        Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync("ada", Wrong)));
        Assert.False(HashKinds.IsArgon2((await host.UserAsync(ada)).PasswordHash!));
        var (attempts, caller) = (host.Services.GetRequiredService<Attempts>(), new Caller.Nobody { Address = "192.0.2.1" });
        await using (var dropped = await attempts.ReserveAsync(Target.User(ada.Id), AskedAt.StepUp, caller, TestContext.Current.CancellationToken))
            Assert.Null(await dropped.CheckPasswordAsync(ada.Password, TestContext.Current.CancellationToken));
        Assert.False(HashKinds.IsArgon2((await host.UserAsync(ada)).PasswordHash!));
        Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync("ada", ada.Password));

        var stored = (await host.UserAsync(ada)).PasswordHash!;
        Assert.Equal(Argon2.KindOf(Cheap), HashKinds.Of(stored));
        Assert.True(Argon2.Verify(stored, ada.Password));
        Assert.IsType<SignInOutcome.Proved>(await visitor.PasswordAsync("ada", ada.Password));
    }

    /// <summary>
    /// One hash of each kind that is left, for every name and every answer. Red when only the owner of an earlier hash pays for it, when a new hash
    /// after a right password comes on top, and when fewer iterations count as the same kind.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task While_an_earlier_hash_is_left_every_name_costs_its_time_and_afterwards_none(DatabaseKind kind)
    {
        var hashes = new WatchedHasher();
        await using var host = await PortalHost.StartAsync(
            TwoNodes.Raised(await postgres.NewAsync(kind)), replace: services => services.AddSingleton<IPasswordHasher<PortalUser>>(hashes));
        await host.SetSecurityAsync(attempts: 100);
        var (ada, old, older) = (await host.AddPersonAsync(), await host.AddPersonAsync("old"), await host.AddPersonAsync("older"));
        await host.AddPersonAsync("gone", state: AccountState.Inactive);
        await StoreEarlierAsync(host, old, iterations: 1000);
        await StoreEarlierAsync(host, older, iterations: 500);
        var earlier = host.Services.GetRequiredService<EarlierHashes>();
        // Other nodes and imports change hashes too, so the database is asked again each hour.
        host.Advance(TimeSpan.FromHours(1));
        await earlier.RefreshAsync(TestContext.Current.CancellationToken);
        string[] all = [.. new[] { Argon2.KindOf(Cheap), HashKinds.EarlierKind(500), HashKinds.EarlierKind(1000) }.Order(StringComparer.Ordinal)];

        foreach (var name in new[] { "ada", "old", "older", "nobody", "gone" }) Assert.Equal(all, await CostAsync(name, Wrong));
        Assert.Equal(all, await CostAsync("ada", ada.Password));
        Assert.Equal(all, await CostAsync("old", old.Password));
        Assert.Equal(all, await CostAsync("older", older.Password));
        await earlier.RefreshAsync(TestContext.Current.CancellationToken);

        Assert.Empty(earlier.Kinds);
        foreach (var name in new[] { "ada", "old", "nobody" }) Assert.Equal([Argon2.KindOf(Cheap)], await CostAsync(name, Wrong));

        async Task<string[]> CostAsync(string name, string password)
        {
            hashes.Kinds.Clear();
            await using var visitor = CircuitVisitor.At(host);
            await visitor.PasswordAsync(name, password);
            return [.. hashes.Kinds.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Red when the log is silent about accounts that cannot sign in, and when it repeats itself or holds a part of the hash.</summary>
    [Fact]
    public async Task Hashes_of_a_foreign_form_are_told_to_the_operator_once()
    {
        await using var host = await PortalHost.StartAsync();
        var ada = await host.AddPersonAsync();
        await using (var work = await host.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == ada.Id).ExecuteUpdateAsync(
                set => set.SetProperty(u => u.PasswordHash, "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"));
            await work.CommitAsync(TestContext.Current.CancellationToken);
        }
        await using var visitor = CircuitVisitor.At(host);

        for (var tries = 0; tries < 3; tries++) Assert.IsType<Refusal.Wrong>(Refused.For(await visitor.PasswordAsync("ada", ada.Password)));

        var line = Assert.Single(
            host.Services.GetFakeLogCollector().GetSnapshot(), line => line.Category == typeof(EarlierHashes).FullName);
        Assert.Contains("$2b", line.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("N9qo8uLOickgx2ZMRZoMye", line.Message, StringComparison.Ordinal);
    }

    private static async Task StoreEarlierAsync(PortalHost host, TestPerson person, int iterations)
    {
        var hash = new PasswordHasher<PortalUser>(Options.Create(new PasswordHasherOptions { IterationCount = iterations }))
            .HashPassword(new(), person.Password);
        await using var work = await host.BeginAsync();
        await work.Query<PortalUser>().Where(u => u.Id == person.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, hash));
        await work.CommitAsync();
    }

    /// <summary>Hashes as the portal does, and keeps the kind of each hash that was computed.</summary>
    private sealed class WatchedHasher : IPasswordHasher<PortalUser>
    {
        public ConcurrentBag<string> Kinds { get; } = [];

        public string HashPassword(PortalUser user, string password)
        {
            Kinds.Add(Argon2.KindOf(Cheap));
            return Hasher.HashPassword(user, password);
        }

        public PasswordVerificationResult VerifyHashedPassword(PortalUser user, string hashedPassword, string providedPassword)
        {
            Kinds.Add(HashKinds.Of(hashedPassword));
            return Hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
