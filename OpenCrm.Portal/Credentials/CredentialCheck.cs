using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The one verifier of password and code, for every purpose. An answer is reserved (counted and committed), looked at without a transaction, then settled: what a right
/// answer allows happens in the transaction that settles it.
/// </summary>
public sealed class CredentialCheck(UnitsOfWork units, PasswordHashing hashing, FailedAttempts failures, IOptionsMonitor<SignInLimits> limits, Refusals refusals)
{
    /// <summary>
    /// Does what a right answer allows. <see cref="Verdict.Changed"/>: it turned out not to be allowed any more, and nothing is written. <see cref="Verdict.Unreadable"/>: it is
    /// refused, and what was noted of that is written.
    /// </summary>
    public delegate Task<Verdict> WhenRight(UnitOfWork work, PortalUser user, SecuritySettings settings);

    /// <summary>Longer than a check ever takes: a reservation older than this was lost with its process.</summary>
    private static readonly TimeSpan LostReservation = TimeSpan.FromSeconds(30);

    private const int BusyTries = 40;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Checks the password of whoever has this username or e-mail address; unknown and inactive accounts behave alike (spec 1.6).</summary>
    public Task<Verdict> PasswordAsync(string typedName, string password, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel = default) =>
        PasswordAsync(async work =>
        {
            var key = await failures.DecoyKeyAsync(work, typedName, cancel);
            var user = await work.Users.FindTypedAsync(typedName, cancel);
            // An inactive account behaves as an unknown name, also with the right password.
            return await work.Users.CounterOfAsync(user is { State: not AccountState.Inactive } ? user : null, key, work.Now, cancel);
        }, password, at, by, whenRight, cancel, tellsNobodyApart: true);

    /// <summary>Checks the password of a known user, for a step-up.</summary>
    public Task<Verdict> PasswordAsync(Guid userId, string password, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel = default) =>
        PasswordAsync(async work => await work.Users.FindAsync(userId, cancel), password, at, by, whenRight, cancel);

    /// <summary>Checks name and password against the user of a mailed link: any other name is a wrong answer of that user, and takes as long as one (spec 3.2).</summary>
    public Task<Verdict> PasswordAsync(
        Guid userId, string typedName, string password, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel = default) =>
        PasswordAsync(async work => await work.Users.FindAsync(userId, cancel), password, at, by, whenRight, cancel, user => user.IsNamed(typedName));

    /// <summary>Checks a code against the enrolment <paramref name="authenticatorId"/> and uses its time step up, once for all purposes (spec 1.4).</summary>
    /// <param name="securityStamp">The account as an earlier step proved it; null when there was none.</param>
    public Task<Verdict> CodeAsync(
        Guid userId, Guid authenticatorId, string? securityStamp, string code, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel = default) =>
        CheckAsync(by,
            async work =>
                await work.Users.FindAsync(userId, cancel) is { } found
                && found.Authenticator?.Id == authenticatorId
                && found.State == AccountState.Active
                && (securityStamp is null || found.SecurityStamp == securityStamp)
                    ? found
                    : null,
            async (made, settings) =>
            {
                var user = (PortalUser)made.Counter;
                await using var work = await units.BeginAsync(cancel);
                var (key, unreadable) = AuthenticatorKeys.Read(work, user);
                if (key is null)
                {
                    await work.Users.GiveBackAttemptAsync(user, work.Now, cancel);
                    await work.NoteUnreadableAsync(user, unreadable ?? UnreadableBecause.KeyMissing, by, cancel);
                    await work.CommitAsync(cancel);
                    return new Verdict.Unreadable();
                }
                if (key.Match(code, work.Now) is not { } step)
                    return await failures.SettleWrongAsync(work, user, settings, new AuditEvent.WrongCode(user.Id, at.ToString()), by, cancel);
                if (!await work.Users.ConsumeStepAsync(user, authenticatorId, step, work.Now, cancel))
                    return await failures.SettleWrongAsync(work, user, settings, new AuditEvent.ReusedCode(user.Id, at.ToString()), by, cancel);
                return await SettleRightAsync(work, user, settings, whenRight, cancel);
            }, cancel);

    /// <param name="tellsNobodyApart">Whoever asks has proved nothing yet: what is said, done and waited for is the same whosever name was typed (spec 1.6).</param>
    private async Task<Verdict> PasswordAsync(
        Func<UnitOfWork, Task<IAttemptCounter?>> find, string password, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel,
        Func<PortalUser, bool>? isMeant = null, bool tellsNobodyApart = false)
    {
        var looked = false;
        var verdict = await CheckAsync(by, find, async (made, settings) =>
        {
            looked = true;
            var (counter, user) = (made.Counter, made.Counter as PortalUser);
            var hash = user is null || made.OnlyReadsAsOpen || isMeant?.Invoke(user) == false ? null : user.PasswordHash;
            if (await hashing.CheckAsync(hash, password, cancel) is not { } result)
            {
                await using var crowded = await units.BeginAsync(cancel);
                await crowded.Users.GiveBackUnlookedAsync(counter, crowded.Now, cancel);
                await crowded.CommitAsync(cancel);
                return new Verdict.Busy();
            }
            var upgraded = result == PasswordVerificationResult.SuccessRehashNeeded ? await hashing.HashAsync(password, cancel) : null;
            await using var work = await units.BeginAsync(cancel);
            if (user is null || result == PasswordVerificationResult.Failed)
            {
                var wrong = await failures.SettleWrongAsync(work, counter, settings,
                    user is null ? new AuditEvent.UnknownName() : new AuditEvent.WrongPassword(user.Id, at.ToString()), by, cancel);
                // The last administrator's lock may be over while anybody's would stand: only the right password shows it (spec 1.6, 5.5).
                return tellsNobodyApart && wrong is Verdict.Wrong && counter.LockTold > work.Now ? FailedAttempts.LockedOut(counter, settings, work.Now) : wrong;
            }
            if (upgraded is not null) await work.Users.UpgradeHashAsync(user, upgraded, cancel);
            if (user.State == AccountState.Locked)
            {
                await work.Users.GiveBackAttemptAsync(user, work.Now, cancel);
                work.Record(new AuditEvent.LockedAccountTried(user.Id), by);
                await work.CommitAsync(cancel);
                return new Verdict.LockedByAdministrator();
            }
            return await SettleRightAsync(work, user, settings, whenRight, cancel);
        }, cancel, tellsNobodyApart);
        // As long as a password that was looked at.
        if (tellsNobodyApart && !looked && verdict is Verdict.LockedOut) await hashing.CheckAsync(null, password, cancel);
        return verdict;
    }

    private static async Task<Verdict> SettleRightAsync(
        UnitOfWork work, PortalUser user, SecuritySettings settings, WhenRight whenRight, CancellationToken cancel)
    {
        if (await work.Users.GiveBackAttemptAsync(user, work.Now, cancel) is not { } now)
            return await work.Users.CounterAsync(user, cancel) is var standing && standing.LockoutEnd > work.Now
                ? FailedAttempts.LockedOut(standing, settings, work.Now)
                : new Verdict.Changed();
        if (now.SecurityStamp != user.SecurityStamp || now.State != AccountState.Active) return new Verdict.Changed();
        var verdict = await whenRight(work, now, settings);
        if (verdict is not Verdict.Changed) await work.CommitAsync(cancel);
        return verdict;
    }

    /// <summary>
    /// Counts for the network, then for the account, then looks. The network's row is changed in transactions of its own: everybody behind one address shares it, and
    /// whoever held it while waiting for an account's row, or the other way round, would deadlock with the next one.
    /// </summary>
    private async Task<Verdict> CheckAsync(
        Caller by, Func<UnitOfWork, Task<IAttemptCounter?>> find, Func<Reservation.Made, SecuritySettings, Task<Verdict>> look, CancellationToken cancel, bool tellsNobodyApart = false)
    {
        var address = AddressCount.KeyOf("sign-in", by.Address);
        await using (var work = await units.BeginAsync(cancel))
        {
            if (!await work.Addresses.ReserveAsync(address, limits.CurrentValue.SignInFailures, SignInLimits.SignInWindow, work.Now, cancel))
            {
                // Once in a window: what is refused after it tells nothing new, and would fill the trail.
                if (await work.Addresses.NoteRefusalAsync(address, limits.CurrentValue.SignInFailures, cancel)) work.Record(new AuditEvent.AddressLimitReached(), by);
                await work.CommitAsync(cancel);
                refusals.Note(Refusal.SignInLimit, by, $"{limits.CurrentValue.SignInFailures} in a quarter of an hour (Limits:SignInFailures)");
                return new Verdict.TooManyFromHere();
            }
            await work.CommitAsync(cancel);
        }
        var verdict = await ReserveAsync(by, find, tellsNobodyApart, cancel) switch
        {
            Reservation.Made made => await look(made, made.Settings),
            Reservation.Refused refused => refused.Verdict,
            _ => throw new InvalidOperationException(),
        };
        // Whoever only waits for a lock to end, or for the operator to mend an enrolment, is no guesser; but the network's count stays, or such a name would be free to ask.
        if (verdict is Verdict.Wrong or Verdict.LockedOut or Verdict.LockedByAdministrator or Verdict.Unreadable) return verdict;
        await using (var work = await units.BeginAsync(cancel))
        {
            await work.Addresses.GiveBackAsync(address, cancel);
            await work.CommitAsync(cancel);
        }
        return verdict;
    }

    /// <summary>Counts the attempt before it is looked at, so that parallel guesses cannot outrun the lock.</summary>
    private async Task<Reservation> ReserveAsync(
        Caller by, Func<UnitOfWork, Task<IAttemptCounter?>> find, bool tellsNobodyApart, CancellationToken cancel)
    {
        for (var tries = 0; ; tries++)
        {
            await using (var work = await units.BeginAsync(cancel))
            {
                var settings = await work.SettingsAsync<SecuritySettings>(cancel);
                if (await find(work) is not { } counter) return new Reservation.Refused(new Verdict.Changed());
                // Whoever proved nothing yet reads after the told end of a lock what everybody reads then; everybody else, that it stands.
                var onlyReadsAsOpen = tellsNobodyApart && counter.OnlyReadsAsOpen(work.Now);
                var made = counter switch
                {
                    PortalUser user => await work.Users.ReserveAttemptAsync(user, settings.AttemptsBeforeLock, work.Now, onlyReadsAsOpen, cancel),
                    DecoyAccount decoy => await work.Users.ReserveAttemptAsync(decoy, settings.AttemptsBeforeLock, work.Now, cancel),
                    _ => throw new InvalidOperationException(),
                };
                if (made)
                {
                    await work.CommitAsync(cancel);
                    return new Reservation.Made(counter, settings, onlyReadsAsOpen);
                }
                var standing = await work.Users.CounterAsync(counter, cancel);
                if (standing.LockoutEnd > work.Now && !(tellsNobodyApart && standing.OnlyReadsAsOpen(work.Now)))
                {
                    // Once a lock, for a name that nobody has too: each try would fill the trail, and one without the other would tell them apart.
                    if (await work.Users.NoteLockTriedAsync(counter, cancel))
                        work.Record(counter is PortalUser locked ? new AuditEvent.LockedAccountTried(locked.Id) : new AuditEvent.LockedUnknownNameTried(), by);
                    await work.CommitAsync(cancel);
                    return new Reservation.Refused(FailedAttempts.LockedOut(standing, settings, work.Now));
                }
                // The limit is reached, but no wrong answer wrote the lock: others are being looked at, or their process was killed and the lock is due now.
                if (standing.AccessFailedCount >= settings.AttemptsBeforeLock && work.Now - standing.LastAttemptAt > LostReservation)
                {
                    // The user's row first, as everywhere: whether it is the last administrator's is asked with another one held. Unlocked or locked meanwhile: asked anew.
                    if (counter is PortalUser due) await work.Users.HoldAsync(due.Id, cancel);
                    var held = await work.Users.CounterAsync(counter, cancel);
                    if (held.LastAttemptAt != standing.LastAttemptAt || held.AccessFailedCount != standing.AccessFailedCount || held.LockoutEnd != standing.LockoutEnd) continue;
                    // Not this answer reached the limit: it is not looked at, may be right, and ends no session.
                    return new Reservation.Refused(await failures.LockAsync(work, counter, held, settings, new Caller.Nobody { Address = by.Address }, cancel));
                }
            }
            if (tries >= BusyTries) return new Reservation.Refused(new Verdict.Busy());
            await Task.Delay(BusyPause, cancel);
        }
    }

    private abstract record Reservation
    {
        /// <param name="OnlyReadsAsOpen">The account is locked: the answer is wrong, whatever it is.</param>
        public sealed record Made(IAttemptCounter Counter, SecuritySettings Settings, bool OnlyReadsAsOpen) : Reservation;

        public sealed record Refused(Verdict Verdict) : Reservation;
    }
}
