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
public sealed class CredentialCheck(UnitsOfWork units, PasswordHashing hashing, FailedAttempts failures, IOptionsMonitor<SignInLimits> limits)
{
    /// <summary>What a right answer allows; false if it turned out not to be allowed any more, and then nothing is written.</summary>
    public delegate Task<bool> WhenRight(UnitOfWork work, PortalUser user, SecuritySettings settings);

    /// <summary>Longer than a check ever takes: a reservation older than this was lost with its process.</summary>
    private static readonly TimeSpan LostReservation = TimeSpan.FromSeconds(30);

    private const int BusyTries = 40;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Checks the password of whoever has this username or e-mail address; unknown and inactive accounts behave alike (spec 1.6).</summary>
    public async Task<Verdict> PasswordAsync(string typedName, string password, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel = default)
    {
        var reserved = await ReserveAsync(by, async work =>
        {
            var user = await work.Users.FindTypedAsync(typedName, cancel);
            // An inactive account behaves as an unknown name, also with the right password.
            if (user is { State: not AccountState.Inactive }) return user;
            return await work.Users.DecoyAsync(await failures.DecoyKeyAsync(work, typedName, cancel), work.Now, cancel);
        }, cancel);
        return reserved switch
        {
            Reservation.Made made => await PasswordAsync(made, password, at, by, whenRight, cancel),
            Reservation.Refused refused => refused.Verdict,
            _ => throw new InvalidOperationException(),
        };
    }

    /// <summary>Checks the password of a known user, for a step-up.</summary>
    public async Task<Verdict> PasswordAsync(Guid userId, string password, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel = default)
    {
        var reserved = await ReserveAsync(by, async work => await work.Users.FindAsync(userId, cancel), cancel);
        return reserved switch
        {
            Reservation.Made made => await PasswordAsync(made, password, at, by, whenRight, cancel),
            Reservation.Refused refused => refused.Verdict,
            _ => throw new InvalidOperationException(),
        };
    }

    /// <summary>Checks a code against the enrolment <paramref name="authenticatorId"/> and uses its time step up, once for all purposes (spec 1.4).</summary>
    /// <param name="securityStamp">The account as an earlier step proved it; null when there was none.</param>
    public async Task<Verdict> CodeAsync(
        Guid userId, Guid authenticatorId, string? securityStamp, string code, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel = default)
    {
        var reserved = await ReserveAsync(by, async work =>
            await work.Users.FindAsync(userId, cancel) is { } found
            && found.Authenticator?.Id == authenticatorId
            && found.State == AccountState.Active
            && (securityStamp is null || found.SecurityStamp == securityStamp)
                ? found
                : null, cancel);
        if (reserved is Reservation.Refused refused) return refused.Verdict;
        var (user, settings, address) = (Reservation.Made)reserved switch { var made => ((PortalUser)made.Counter, made.Settings, made.Address) };

        await using var work = await units.BeginAsync(cancel);
        if (AuthenticatorKeys.Open(work, user) is not { } key)
        {
            await work.Users.GiveBackAttemptAsync(user, work.Now, cancel);
            await work.Addresses.GiveBackAsync(address, cancel);
            work.Record(new AuditEvent.AuthenticatorUnreadable(user.Id), by);
            await work.CommitAsync(cancel);
            return new Verdict.Unreadable();
        }
        if (key.Match(code, work.Now) is not { } step)
            return await failures.SettleWrongAsync(work, user, settings, new AuditEvent.WrongCode(user.Id, at.ToString()), by, cancel);
        if (!await work.Users.ConsumeStepAsync(user, authenticatorId, step, work.Now, cancel))
            return await failures.SettleWrongAsync(work, user, settings, new AuditEvent.ReusedCode(user.Id, at.ToString()), by, cancel);
        return await SettleRightAsync(work, user, settings, address, whenRight, cancel);
    }

    private async Task<Verdict> PasswordAsync(Reservation.Made reserved, string password, AskedAt at, Caller by, WhenRight whenRight, CancellationToken cancel)
    {
        var user = reserved.Counter as PortalUser;
        var result = await hashing.CheckAsync(user?.PasswordHash, password, cancel);
        var upgraded = result == PasswordVerificationResult.SuccessRehashNeeded ? await hashing.HashAsync(password, cancel) : null;
        await using var work = await units.BeginAsync(cancel);
        if (user is null || result == PasswordVerificationResult.Failed)
            return await failures.SettleWrongAsync(work, reserved.Counter, reserved.Settings,
                user is null ? new AuditEvent.UnknownName() : new AuditEvent.WrongPassword(user.Id, at.ToString()), by, cancel);
        if (upgraded is not null) await work.Users.UpgradeHashAsync(user, upgraded, cancel);
        if (user.State == AccountState.Locked)
        {
            await work.Users.GiveBackAttemptAsync(user, work.Now, cancel);
            work.Record(new AuditEvent.LockedAccountTried(user.Id), by);
            await work.CommitAsync(cancel);
            return new Verdict.LockedByAdministrator();
        }
        return await SettleRightAsync(work, user, reserved.Settings, reserved.Address, whenRight, cancel);
    }

    private static async Task<Verdict> SettleRightAsync(
        UnitOfWork work, PortalUser user, SecuritySettings settings, string address, WhenRight whenRight, CancellationToken cancel)
    {
        if (await work.Users.GiveBackAttemptAsync(user, work.Now, cancel) is not { } now)
            return await work.Users.CounterAsync(user, cancel) is { LockoutEnd: { } until } && until > work.Now
                ? FailedAttempts.LockedOut(until, settings)
                : new Verdict.Changed();
        if (now.SecurityStamp != user.SecurityStamp || now.State != AccountState.Active) return new Verdict.Changed();
        await work.Addresses.GiveBackAsync(address, cancel);
        if (!await whenRight(work, now, settings)) return new Verdict.Changed();
        await work.CommitAsync(cancel);
        return new Verdict.Right();
    }

    /// <summary>Counts the attempt before it is looked at, so that parallel guesses cannot outrun the lock.</summary>
    private async Task<Reservation> ReserveAsync(Caller by, Func<UnitOfWork, Task<IAttemptCounter?>> find, CancellationToken cancel)
    {
        var address = AddressCount.KeyOf("sign-in", by.Address);
        for (var tries = 0; ; tries++)
        {
            await using (var work = await units.BeginAsync(cancel))
            {
                var settings = await work.SettingsAsync<SecuritySettings>(cancel);
                if (!await work.Addresses.ReserveAsync(address, limits.CurrentValue.SignInFailures, SignInLimits.SignInWindow, work.Now, cancel))
                    return new Reservation.Refused(new Verdict.TooManyFromHere());
                if (await find(work) is not { } counter) return new Reservation.Refused(new Verdict.Changed());
                var made = counter switch
                {
                    PortalUser user => await work.Users.ReserveAttemptAsync(user, settings.AttemptsBeforeLock, work.Now, cancel),
                    DecoyAccount decoy => await work.Users.ReserveAttemptAsync(decoy, settings.AttemptsBeforeLock, work.Now, cancel),
                    _ => throw new InvalidOperationException(),
                };
                if (made)
                {
                    await work.CommitAsync(cancel);
                    return new Reservation.Made(counter, settings, address);
                }
                var standing = await work.Users.CounterAsync(counter, cancel);
                if (standing.LockoutEnd is { } until && until > work.Now)
                {
                    // Whoever only waits for a lock to end is no guesser; but the network's count stays, or a locked name would be free to ask.
                    await work.CommitAsync(cancel);
                    return new Reservation.Refused(FailedAttempts.LockedOut(until, settings));
                }
                // The limit is reached, but no wrong answer wrote the lock: others are being looked at, or their process was killed and the lock is due now.
                if (work.Now - standing.LastAttemptAt > LostReservation)
                    return new Reservation.Refused(await failures.LockAsync(work, counter, standing, settings, by, cancel));
            }
            if (tries == BusyTries) return new Reservation.Refused(new Verdict.Busy());
            await Task.Delay(BusyPause, cancel);
        }
    }

    private abstract record Reservation
    {
        public sealed record Made(IAttemptCounter Counter, SecuritySettings Settings, string Address) : Reservation;

        public sealed record Refused(Verdict Verdict) : Reservation;
    }
}
