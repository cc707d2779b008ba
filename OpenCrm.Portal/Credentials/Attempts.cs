using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Where every check of a password or a code begins: the attempt is counted, for the network and for the account, before anything is looked at. Parallel guesses cannot outrun
/// the lock that way.
/// </summary>
public sealed class Attempts(UnitsOfWork units, NetworkLimit network, DecoyNames decoys, Lockout lockout, PasswordHashing hashing)
{
    /// <summary>Longer than a check ever takes: a reservation older than this was lost with its process.</summary>
    private static readonly TimeSpan LostReservation = TimeSpan.FromSeconds(30);

    private const int BusyTries = 40;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Counts one attempt and commits it. What became of it, <see cref="Attempt.CheckPasswordAsync"/> and <see cref="Attempt.CheckCodeAsync"/> say.</summary>
    /// <param name="by">Who answers, and from which network.</param>
    public async Task<Attempt> ReserveAsync(Target target, AskedAt at, Caller by, CancellationToken cancel = default)
    {
        var attempt = new Attempt(units, network, lockout, hashing, target, at, by);
        if (!await network.ReserveAsync(by, cancel)) return attempt.RefusedUncounted(new Refusal.TooManyFromHere());
        for (var tries = 0; tries <= BusyTries; tries++)
        {
            if (tries > 0) await Task.Delay(BusyPause, cancel);
            await using var work = await units.BeginAsync(cancel);
            var settings = await work.ReadSettingsAsync<SecuritySettings>(cancel);
            if (await target.FindAsync(work, decoys, cancel) is not { } counter) return attempt.Refused(new Refusal.Changed());
            // Whoever proved nothing yet reads after the told end of a lock what everybody reads then; everybody else, that it is still there.
            var onlyReadsAsOpen = target.TellsNobodyApart && counter.OnlyReadsAsOpen(work.Now);
            if (await work.Attempts.ReserveAsync(counter, settings.AttemptsBeforeLock, work.Now, onlyReadsAsOpen, cancel))
            {
                await work.CommitAsync(cancel);
                return attempt.Reserved(counter, settings, onlyReadsAsOpen);
            }
            if (await ExplainRefusalAsync(work, target, counter, settings, by, cancel) is { } refusal) return attempt.Refused(refusal);
        }
        return attempt.Refused(new Refusal.Busy());
    }

    /// <returns>Null: others are being looked at, and the counter may be free in a moment.</returns>
    private async Task<Refusal?> ExplainRefusalAsync(UnitOfWork work, Target target, IAttemptCounter counter, SecuritySettings settings, Caller by, CancellationToken cancel)
    {
        var now = await work.Attempts.ReadAsync(counter, cancel);
        if (now.LockoutEnd > work.Now && !(target.TellsNobodyApart && now.OnlyReadsAsOpen(work.Now)))
        {
            // Once a lock, for a name that nobody has too: each try would fill the trail, and one without the other would tell them apart.
            if (await work.Attempts.NoteLockTriedAsync(counter, cancel))
                work.Record(counter is PortalUser locked ? new AuditEvent.LockedAccountTried(locked.Id) : new AuditEvent.LockedUnknownNameTried(), by);
            await work.CommitAsync(cancel);
            return Lockout.Describe(now, settings, work.Now);
        }
        if (now.AccessFailedCount < settings.AttemptsBeforeLock || work.Now - now.LastAttemptAt <= LostReservation) return null;

        // The limit is reached, but no wrong answer wrote the lock: the process that looked at the last one was killed, and the lock is due now.
        // The user's row first, as everywhere: whether it is the last administrator's is asked with another one held.
        if (counter is PortalUser due) await work.Users.HoldAsync(due.Id, cancel);
        var held = await work.Attempts.ReadAsync(counter, cancel);
        // Unlocked or locked meanwhile: asked anew.
        if (held.LastAttemptAt != now.LastAttemptAt || held.AccessFailedCount != now.AccessFailedCount || held.LockoutEnd != now.LockoutEnd) return null;
        // Not this answer reached the limit: it is not looked at, may be right, and ends no session.
        return await lockout.LockAsync(work, counter, held, settings, new Caller.Nobody { Address = by.Address }, cancel);
    }
}
