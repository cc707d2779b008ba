using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>
/// Nobody may find out which names exist, or which one is the last administrator's: no answer, statement or duration shows it, locked or not
/// (docs/spec.md 1.6).
/// </summary>
public sealed class NobodyToldApartTests(PostgresCluster postgres)
{
    private const string Wrong = "Not the pass phrase at all";
    private static readonly string Admin = PortalSettings.FirstAdministrator.Username;

    /// <summary>
    /// Lock times in minutes: 0 is until unlocked; the others are shorter and longer than the 15 minutes of the last administrator.
    /// </summary>
    private static readonly int[] Minutes = [0, 10, 60];

    public static TheoryData<DatabaseKind, int> Locks =>
        new(from kind in Enum.GetValues<DatabaseKind>() from minutes in Minutes select (kind, minutes));

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Red when a decoy's row is written for unknown names only, when only tries of a locked real name are written to the audit trail, when the lock
    /// of an unknown name runs none of the statements of a real lock, when only for administrators the portal asks whether they are the last one,
    /// when the password of a locked name is not hashed, and when the page shows the 15 minutes of the last administrator.
    /// </summary>
    [Trait("Category", "Exhaustive")]
    [Theory, MemberData(nameof(Locks))]
    public async Task Try_by_try_every_name_gets_the_same_answer_by_the_same_statements(DatabaseKind kind, int minutes)
    {
        var (watch, hashes) = (new StatementWatch(), new CountingHasher());
        await using var host = await StartAsync(kind, watch, hashes);
        await host.SetSecurityAsync(lockMinutes: minutes);
        await host.AddPersonAsync("ada");
        await host.AddPersonAsync("gone", state: AccountState.Inactive);
        // The secret of the decoys is created once in a process: done here, so that no measured sign-in does it.
        await GuessAsync(host, "somebody");

        var seen = new Dictionary<string, List<(SignInOutcome Outcome, string Statements, int Hashes)>>();
        foreach (var name in new[] { "ada", Admin, "nobody", "gone" })
        {
            seen[name] = [];
            // Five wrong passwords, the fifth of which locks; then wrong ones and the right one during the lock.
            foreach (var password in new[]
            {
                Wrong, Wrong, Wrong, Wrong, Wrong, Wrong, Wrong,
                TestAccounts.Password, PortalSettings.FirstAdministrator.Password
            })
            {
                hashes.Count = 0;
                var (outcome, statements) = await watch.OfAsync(() => GuessAsync(host, name, password));
                seen[name].Add((outcome, statements, hashes.Count));
            }
        }

        foreach (var name in new[] { Admin, "nobody", "gone" }) Assert.Equal(seen["ada"], seen[name]);
        Assert.All(seen["ada"], one => Assert.Equal(1, one.Hashes));
        Assert.All(
            seen["ada"][4..],
            one => Assert.Equal(
                new SignInOutcome.Refused(new Refusal.LockedOut(minutes == 0 ? null : host.Now.AddMinutes(minutes), 5)),
                one.Outcome));
    }

    /// <summary>Red when each try of a locked name is written down, and when none of a locked unknown name is.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Tries_during_a_lock_leave_one_line_whosever_name_it_is_so_that_nobody_floods_the_trail(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync(lockMinutes: 10);
        var ada = await host.AddPersonAsync("ada");
        for (var locks = 1; locks <= 2; locks++)
        {
            foreach (var name in new[] { "ada", "nobody" })
                for (var tries = 0; tries < 12; tries++) await GuessAsync(host, name);

            Assert.Equal(locks, await host.EventsAsync<AuditEvent.LockedAccountTried>(ada));
            Assert.Equal(locks, await host.EventsAsync<AuditEvent.LockedUnknownNameTried>());
            Assert.Equal(
                (locks, locks),
                (await host.EventsAsync<AuditEvent.LockedAfterFailures>(ada), await host.EventsAsync<AuditEvent.UnknownNameLocked>()));
            host.Advance(TimeSpan.FromMinutes(locks * 10));
        }
        // A name that nobody has gets no mail.
        Assert.Equal(2, await host.CountAsync<OutboxEntry>());
        Assert.Equal(2, await host.CountAsync<OutboxEntry>(mails => mails.Where(m => m.RecipientAddress == ada.Email)));
    }

    /// <summary>
    /// Red when the page shows when the real lock ends, and when a wrong password after that end is answered as for an unlocked account.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_last_administrator_is_open_again_after_a_quarter_of_an_hour_which_the_mail_tells_and_only_the_right_password_shows(
        DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        for (var tries = 0; tries < 5; tries++) await GuessAsync(host, Admin);
        var until = host.Now.AddMinutes(15);
        await using (var work = await host.BeginAsync())
        {
            Assert.Equal(until, (await work.Users.FindTypedAsync(Admin))!.LockoutEnd);
            var mail = Assert.Single(await work.Query<OutboxEntry>().Where(m => m.TemplateKey == "account-locked").ToListAsync());
            Assert.NotEqual("", work.Values(mail)["until"]);
        }
        Assert.Equal(
            new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)),
            await GuessAsync(host, Admin, PortalSettings.FirstAdministrator.Password));

        host.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), await GuessAsync(host, Admin));
        Assert.IsType<SignInOutcome.Proved>(await GuessAsync(host, Admin, PortalSettings.FirstAdministrator.Password));
        // From here on the name is answered like any unlocked account again.
        Assert.IsType<Refusal.Wrong>(Refused.For(await GuessAsync(host, Admin)));
    }

    /// <summary>
    /// Pages show the configured lock time, which ends before the last administrator's real lock. Red when the name is answered with "locked" between
    /// the two ends, when a password typed in between is checked, and when it is counted by other statements or not at all.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task After_the_told_end_of_a_short_lock_the_last_administrators_name_answers_as_an_open_one_and_stays_closed(DatabaseKind kind)
    {
        var (watch, hashes) = (new StatementWatch(), new CountingHasher());
        await using var host = await StartAsync(kind, watch, hashes);
        await host.SetSecurityAsync(lockMinutes: 10);
        await host.AddPersonAsync("ada");
        await host.AddPersonAsync("gone", state: AccountState.Inactive);
        string[] names = ["ada", Admin, "nobody", "gone"];
        foreach (var name in names)
            for (var tries = 0; tries < 6; tries++) await GuessAsync(host, name);
        var end = host.Now.AddMinutes(15);
        host.Advance(TimeSpan.FromMinutes(12));

        var seen = new Dictionary<string, List<(SignInOutcome Outcome, string Statements, int Hashes)>>();
        foreach (var name in names)
        {
            seen[name] = [];
            for (var tries = 0; tries < 8; tries++)
            {
                hashes.Count = 0;
                var (outcome, statements) = await watch.OfAsync(
                    () => GuessAsync(host, name, name == Admin ? PortalSettings.FirstAdministrator.Password : Wrong));
                seen[name].Add((outcome, statements, hashes.Count));
            }
        }

        foreach (var name in names[1..]) Assert.Equal(seen["ada"], seen[name]);
        Assert.All(seen[Admin][..4], one => Assert.IsType<Refusal.Wrong>(Refused.For(one.Outcome)));
        Assert.All(seen[Admin][4..], one => Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(host.Now.AddMinutes(20), 5)), one.Outcome));
        await using (var work = await host.BeginAsync()) Assert.Equal(end, (await work.Users.FindTypedAsync(Admin))!.LockoutEnd);
        // The real lock ends as planned: what was typed in between was not checked and moved nothing.
        host.Advance(TimeSpan.FromMinutes(3));
        Assert.IsType<Refusal.LockedOut>(Refused.For(await GuessAsync(host, Admin)));
        Assert.IsType<SignInOutcome.Proved>(await GuessAsync(host, Admin, PortalSettings.FirstAdministrator.Password));
    }

    /// <summary>
    /// Red when the real end of the last administrator's lock gives the full number of attempts again, which no other account gets at that moment.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task The_real_end_of_the_last_administrators_lock_shows_in_no_count(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync(lockMinutes: 10);
        await host.AddPersonAsync("ada");
        string[] names = ["ada", Admin, "nobody"];
        foreach (var name in names)
            for (var tries = 0; tries < 5; tries++) await GuessAsync(host, name);
        host.Advance(TimeSpan.FromMinutes(12));
        foreach (var name in names)
            for (var tries = 0; tries < 2; tries++) Assert.IsType<Refusal.Wrong>(Refused.For(await GuessAsync(host, name)));
        host.Advance(TimeSpan.FromMinutes(4));

        foreach (var name in names)
        {
            for (var tries = 0; tries < 2; tries++) Assert.IsType<Refusal.Wrong>(Refused.For(await GuessAsync(host, name)));
            Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(host.Now.AddMinutes(20), 5)), await GuessAsync(host, name));
        }
        await using var work = await host.BeginAsync();
        Assert.Equal(host.Now.AddMinutes(30), (await work.Users.FindTypedAsync(Admin))!.LockoutEnd);
    }

    /// <summary>Red when the shown end is in the past.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Whoever_proved_to_be_the_last_administrator_reads_the_real_end_after_the_told_one(DatabaseKind kind)
    {
        await using var host = await StartAsync(kind);
        await host.SetSecurityAsync(lockMinutes: 10);
        for (var tries = 0; tries < 5; tries++) await GuessAsync(host, Admin);
        var end = host.Now.AddMinutes(15);
        host.Advance(TimeSpan.FromMinutes(12));
        Guid id;
        await using (var work = await host.BeginAsync()) id = (await work.Users.FindTypedAsync(Admin))!.Id;

        var refusal = await Answer.PasswordAsync(
            host.Services.GetRequiredService<Attempts>(), id, PortalSettings.FirstAdministrator.Password,
            new Caller.Nobody { Address = "192.0.2.1" });

        Assert.Equal(new Refusal.LockedOut(end, 5), refusal);
    }

    private async Task<PortalHost> StartAsync(DatabaseKind kind, StatementWatch? watch = null, CountingHasher? hashes = null) =>
        await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)), replace: services =>
        {
            watch?.Watch(services);
            if (hashes is not null) services.AddSingleton<IPasswordHasher<PortalUser>>(hashes);
        });

    private static async Task<SignInOutcome> GuessAsync(PortalHost host, string name, string password = Wrong)
    {
        await using var visitor = CircuitVisitor.At(host);
        return await visitor.PasswordAsync(name, password);
    }

    private sealed class CountingHasher : IPasswordHasher<PortalUser>
    {
        private readonly PortalPasswordHasher _hasher = new(new Argon2Cost(MemoryKiB: 8, Passes: 1));

        public int Count { get; set; }

        public string HashPassword(PortalUser user, string password) => _hasher.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(PortalUser user, string hashedPassword, string providedPassword)
        {
            Count++;
            return _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
