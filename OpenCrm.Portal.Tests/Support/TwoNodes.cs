using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>A user in a test, with what the person knows and has.</summary>
public sealed record TestPerson(Guid Id, string Username, string Email, string Password, string? Secret);

/// <summary>Two hosts on one PostgreSQL database: separate data folders, one certificate, one time.</summary>
public sealed class TwoNodes : IAsyncDisposable
{
    private TwoNodes(PortalHost a, PortalHost b) => (A, B) = (a, b);

    public PortalHost A { get; }

    public PortalHost B { get; }

    public PortalHost this[int n] => n % 2 == 0 ? A : B;

    public DateTimeOffset Now => A.Now;

    public static async Task<TwoNodes> StartAsync(
        PostgresCluster cluster, bool setUp = true, Action<IServiceCollection>? replace = null, bool listens = false)
    {
        Needs.Postgres();
        // Fewer connections than callers: waiting for a connection is part of the race.
        var settings = Raised(
            PortalSettings.OnPostgres(await cluster.CreateDatabaseAsync() + ";Maximum Pool Size=30") with { PublicUrl = "http://localhost" });
        if (!setUp) settings = settings with { Administrator = null };
        var a = await PortalHost.StartAsync(settings, listens, replace);
        try
        {
            var b = await PortalHost.StartAsync(BesideSettings(a, settings), listens, replace);
            var nodes = new TwoNodes(a, b);
            nodes.AdvanceTo(a.Now > b.Now ? a.Now : b.Now);
            return nodes;
        }
        catch
        {
            await a.DisposeAsync();
            throw;
        }
    }

    /// <summary>Raises the limit of the client address, so that only the account's counter matters.</summary>
    public static PortalSettings Raised(PortalSettings settings) => settings.With("Limits:SignInFailures", "1000000");

    /// <summary>Returns the settings of a second node beside <paramref name="node"/>: a data folder of its own, the same certificate.</summary>
    public static PortalSettings BesideSettings(PortalHost node, PortalSettings settings) =>
        (settings with { DataFolder = null, Administrator = null }).With("KeyRing:CertificatePath", Path.Combine(node.DataFolder, "key-ring.pfx"));

    public void Advance(TimeSpan time) => AdvanceTo(Now + time);

    public async ValueTask DisposeAsync()
    {
        await B.DisposeAsync();
        await A.DisposeAsync();
    }

    private void AdvanceTo(DateTimeOffset time)
    {
        A.Clock.LeapTo(time);
        B.Clock.LeapTo(time);
    }
}

/// <summary>Accounts for the tests of credentials, made through the portal's own services, and checks of what became of them.</summary>
public static class TestAccounts
{
    public const string Password = "A long enough pass phrase";

    public static async Task<TestPerson> AddPersonAsync(
        this PortalHost host, string username = "ada", bool enrolled = false, bool administrator = false, AccountState state = AccountState.Active)
    {
        var hash = await host.Services.GetRequiredService<PasswordHashing>().HashAsync(Password);
        await using var work = await host.BeginAsync();
        var user = NewUsers.Add(work, username, username, $"{username}@example.test", hash, administrator);
        user.State = state;
        var key = enrolled ? AuthenticatorKey.Generate() : null;
        if (key is not null)
        {
            (user.TwoFactorEnabled, user.EnrolmentId) = (true, Guid.NewGuid());
            work.Add(NewAuthenticator(work, user.Id, key, user.EnrolmentId));
            AddSavedCodes(work, user.Id);
        }
        await work.CommitAsync();
        return new(user.Id, username, user.Email!, Password, key is null ? null : string.Concat(key.Groups));
    }

    /// <summary>Gives the person recovery codes that are known to the test and count as saved.</summary>
    public static async Task<IReadOnlyList<string>> GiveRecoveryCodesAsync(this PortalHost host, TestPerson person)
    {
        var made = (await host.Services.GetRequiredService<RecoveryCodeHashing>().MakeAsync(new Caller.Console()))!;
        await using var work = await host.BeginAsync();
        var (set, codes) = made.For(person.Id, Guid.Empty, work.Now);
        set.SavedAt = work.Now;
        await work.RecoveryCodes.ReplaceAsync(set, codes);
        await work.CommitAsync();
        return made.Codes;
    }

    /// <summary>Marks the person's first recovery codes as used.</summary>
    public static async Task UseUpAsync(this PortalHost host, TestPerson person, int count)
    {
        await using var work = await host.BeginAsync();
        var sets = work.Query<RecoveryCodeSet>().Where(s => s.UserId == person.Id);
        await work.Query<RecoveryCode>().Where(c => c.Number <= count && sets.Any(s => s.Id == c.SetId))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.UsedAt, work.Now));
        await work.CommitAsync();
    }

    /// <summary>Codes that nobody knows and that count as saved, as most people have them: without any, each sign-in would show fresh ones.</summary>
    private static void AddSavedCodes(UnitOfWork work, Guid userId)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var set = new RecoveryCodeSet
        {
            Id = Guid.NewGuid(),
            UserId = userId,
            Salt = salt,
            MemoryKiB = 8,
            Passes = 1,
            MadeAt = work.Now,
            SavedAt = work.Now,
        };
        work.Add(set);
        for (var n = 1; n <= RecoveryCodeSet.Count; n++)
            work.Add(new RecoveryCode { SetId = set.Id, Number = n, Hash = RandomNumberGenerator.GetBytes(32) });
    }

    /// <summary>Adds another authenticator to somebody who is enrolled.</summary>
    /// <returns>Its secret in Base32.</returns>
    public static async Task<string> AddAuthenticatorAsync(this PortalHost host, TestPerson person, string name = "Another")
    {
        var key = AuthenticatorKey.Generate();
        await using var work = await host.BeginAsync();
        work.Add(NewAuthenticator(work, person.Id, key, name: name));
        await work.CommitAsync();
        return string.Concat(key.Groups);
    }

    /// <summary>Returns the person's authenticators, oldest first.</summary>
    public static async Task<List<Authenticator>> AuthenticatorsAsync(this PortalHost host, TestPerson person)
    {
        await using var work = await host.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<Authenticator>().Where(a => a.UserId == person.Id).OrderBy(a => a.SetUpAt).ThenBy(a => a.Id).ToListAsync();
    }

    /// <summary>Makes an authenticator as the wizard stores it, whose codes of five minutes ago and later are unused.</summary>
    internal static Authenticator NewAuthenticator(
        UnitOfWork work, Guid userId, AuthenticatorKey key, Guid? id = null, string name = "Authenticator app") =>
        new()
        {
            Id = id ?? Guid.CreateVersion7(work.Now),
            UserId = userId,
            Name = name,
            ProtectedKey = AuthenticatorKeys.Protect(work, userId, key),
            LastStep = AuthenticatorKey.StepAt(work.Now) - 10,
            SetUpAt = work.Now,
            SetUpById = userId,
        };

    public static async Task SetSecurityAsync(
        this PortalHost host, int attempts = SecuritySettings.DefaultAttempts, int lockMinutes = 0, bool mfa = true)
    {
        await using var work = await host.BeginAsync();
        await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set
            .SetProperty(s => s.AttemptsBeforeLock, attempts)
            .SetProperty(s => s.LockMinutes, lockMinutes)
            .SetProperty(s => s.MfaEnabled, mfa));
        await work.CommitAsync();
    }

    public static async Task DemoteAsync(this PortalHost host, string username)
    {
        await using var work = await host.BeginAsync();
        await work.Query<PortalUser>().Where(u => u.UserName == username)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, false));
        await work.CommitAsync();
    }

    public static Task<UnitOfWork> BeginAsync(this PortalHost host) => host.Services.GetRequiredService<UnitsOfWork>().BeginAsync();

    public static async Task<PortalUser> UserAsync(this PortalHost host, TestPerson person)
    {
        await using var work = await host.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return (await work.Users.FindAsync(person.Id))!;
    }

    /// <summary>Returns how many events of that kind the audit trail holds about the person, or about anybody if null.</summary>
    public static Task<int> EventsAsync<T>(this PortalHost host, TestPerson? about = null) where T : AuditEvent =>
        host.CountAsync<AuditEntry>(entries => entries.Where(e => e.Kind == typeof(T).Name && (about == null || e.SubjectId == about.Id)));

    public static async Task<int> CountAsync<T>(this PortalHost host, Func<IQueryable<T>, IQueryable<T>>? filter = null) where T : class
    {
        await using var work = await host.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await (filter?.Invoke(work.Query<T>()) ?? work.Query<T>()).CountAsync();
    }

    /// <summary>Runs all actions at once: none starts before all are ready.</summary>
    public static async Task<T[]> AtOnceAsync<T>(IEnumerable<Func<Task<T>>> acts)
    {
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = acts.Select(act => Task.Run(async () =>
        {
            await barrier.Task;
            return await act();
        })).ToList();
        barrier.SetResult();
        return await Task.WhenAll(started);
    }
}
