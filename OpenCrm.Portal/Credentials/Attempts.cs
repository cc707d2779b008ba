using System.Diagnostics;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Starts every check of a password or a code: the attempt is counted, for the network and for the account, and committed before the answer is
/// compared. So parallel guesses cannot outrun the lock.
/// </summary>
public sealed class Attempts(
    UnitsOfWork units, NetworkLimit network, DecoyNames decoys, Lockout lockout, PasswordHashing hashing, DeviceAtHand device,
    RecoveryCodes recoveryCodes, AttemptTurns turns)
{
    /// <summary>Longer than any check takes. The process that made an older reservation has died.</summary>
    private static readonly TimeSpan LostReservation = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long an attempt waits while as many as the limit allows are being checked: enough for hundreds of right answers in a row.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Only one attempt per account and node asks again, so the database is asked forty times a second at most.</summary>
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// Counts one attempt, for the account and then for the network. The result comes from <see cref="Attempt.CheckPasswordAsync"/> or
    /// <see cref="Attempt.CheckCodeAsync"/>. Before a slow hash the count is committed. A code is compared at once, so it is counted in the
    /// transaction that settles it: the held row keeps parallel guesses waiting.
    /// </summary>
    /// <param name="by">Who gives the answer, and from which network.</param>
    /// <param name="cancel">Ends the waiting for others; what is counted by then is given back.</param>
    public async Task<Attempt> ReserveAsync(Target target, AskedAt at, Caller by, CancellationToken cancel = default)
    {
        var attempt = new Attempt(units, network, lockout, hashing, device, recoveryCodes, target, at, by);
        var begun = Stopwatch.GetTimestamp();
        using var turn = await turns.TakeAsync(target.Account, Patience, cancel);
        if (turn is null) return attempt.RefusedUncounted(new Refusal.Busy());
        var networkCounted = false;
        while (true)
        {
            var work = await units.BeginAsync(CancellationToken.None);
            var (isCounted, isOverLimit) = (false, false);
            try
            {
                var settings = await work.ReadSettingsAsync<SecuritySettings>(CancellationToken.None);
                if (await target.FindAsync(work, decoys, CancellationToken.None) is not { } counter)
                    return networkCounted ? attempt.Refused(new Refusal.Changed()) : attempt.RefusedUncounted(new Refusal.Changed());
                // Someone who has proved nothing must see the same on every account, so the last administrator's longer lock reads as open after the
                // shown end. Anybody else is told that the account is still locked.
                var onlyReadsAsOpen = target.TellsNobodyApart && counter.OnlyReadsAsOpen(work.Now);
                if (await work.Attempts.ReserveAsync(counter, settings.AttemptsBeforeLock, work.Now, onlyReadsAsOpen, CancellationToken.None))
                {
                    isOverLimit = !networkCounted && !await network.CountAsync(work, by, CancellationToken.None);
                    isCounted = !isOverLimit;
                    if (isCounted && !target.IsQuick) await work.CommitAsync(CancellationToken.None);
                    if (isCounted) return attempt.Reserved(counter, settings, onlyReadsAsOpen, target.IsQuick ? work : null, networkCounted);
                }
                else if (networkCounted
                    && await ExplainRefusalAsync(work, target, counter, settings, by, CancellationToken.None) is { } refusal)
                {
                    return attempt.Refused(refusal);
                }
            }
            finally
            {
                if (!isCounted || !target.IsQuick) await work.DisposeAsync();
            }
            if (isOverLimit)
            {
                await network.NoteRefusalAsync(by, CancellationToken.None);
                return attempt.RefusedUncounted(new Refusal.TooManyFromHere());
            }
            // The account has no room. A refusal counts for the network too: else asking about locked accounts would be free.
            if (!networkCounted)
            {
                if (!await network.ReserveAsync(by, CancellationToken.None)) return attempt.RefusedUncounted(new Refusal.TooManyFromHere());
                networkCounted = true;
                continue;
            }
            if (Stopwatch.GetElapsedTime(begun) > Patience) return attempt.Refused(new Refusal.Busy());
            try
            {
                await Task.Delay(BusyPause, cancel);
            }
            catch (OperationCanceledException)
            {
                await network.GiveBackAsync(by, CancellationToken.None);
                throw;
            }
        }
    }

    /// <summary>Runs the statements of a sign-in about nobody and drops them, so that the first real one finds them compiled.</summary>
    internal async Task WarmUpAsync(CancellationToken cancel = default)
    {
        var nobody = new PortalUser { Id = Guid.Empty, SecurityStamp = "" };
        var by = new Caller.Nobody();
        await using var work = await units.BeginAsync(cancel);
        var settings = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        var counter = await Target.Named("").FindAsync(work, decoys, cancel);
        await work.Attempts.ReserveAsync(counter!, settings.AttemptsBeforeLock, work.Now, cancel: cancel);
        await work.Attempts.ReserveAsync(nobody, settings.AttemptsBeforeLock, work.Now, cancel: cancel);
        await work.Attempts.GiveBackAsync(nobody, work.Now, cancel);
        await work.Attempts.CompleteSignInAsync(nobody, work.Now, cancel);
        await work.Users.NoteSignedInAsync(nobody.Id, "", null, work.Now, cancel);
        await network.CountAsync(work, by, cancel);
        await NetworkLimit.GiveBackAsync(work, by, cancel);
    }

    /// <returns>Null while other attempts are being checked: the counter may have room in a moment.</returns>
    private async Task<Refusal?> ExplainRefusalAsync(
        UnitOfWork work, Target target, IAttemptCounter counter, SecuritySettings settings, Caller by, CancellationToken cancel)
    {
        var now = await work.Attempts.ReadAsync(counter, cancel);
        if (now.LockoutEnd > work.Now && !(target.TellsNobodyApart && now.OnlyReadsAsOpen(work.Now)))
        {
            // Recorded once per lock, or every try would add a line to the audit trail. Names that nobody has are recorded too: otherwise the number
            // of statements would show which accounts exist.
            if (await work.Attempts.NoteLockTriedAsync(counter, cancel))
            {
                work.Record(
                    counter is PortalUser locked ? new AuditEvent.LockedAccountTried(locked.Id) : new AuditEvent.LockedUnknownNameTried(), by);
            }
            await work.CommitAsync(cancel);
            return Lockout.Describe(now, settings, work.Now);
        }
        if (now.AccessFailedCount < settings.AttemptsBeforeLock || work.Now - now.LastAttemptAt <= LostReservation) return null;

        // The limit is reached, but no wrong answer wrote the lock: the process that was checking the last one was killed. The lock is due now. The
        // user's row is held first, as everywhere, because the check for the last administrator holds another row.
        if (counter is PortalUser due) await work.Users.HoldAsync(due.Id, cancel);
        var held = await work.Attempts.ReadAsync(counter, cancel);
        // Another request unlocked or locked the account meanwhile: the caller tries again.
        if (held.LastAttemptAt != now.LastAttemptAt || held.AccessFailedCount != now.AccessFailedCount || held.LockoutEnd != now.LockoutEnd)
            return null;
        // This answer did not reach the limit. It is not checked, may be right, and therefore ends no session.
        return await lockout.LockAsync(work, counter, held, settings, new Caller.Nobody { Address = by.Address }, cancel);
    }
}
