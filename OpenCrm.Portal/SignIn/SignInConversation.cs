using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.SignIn;

/// <summary>
/// Conducts one sign-in in one circuit: password, then code, then a ticket for this browser. The circuit remembers only which half-done sign-in is
/// its own; what was proved is stored in the database, for five minutes (docs/spec.md 1.3).
/// </summary>
public sealed class SignInConversation(UnitsOfWork units, Attempts attempts, ClientConnection connection) : IForgetsPerson
{
    private PendingSignIn? _pending;

    /// <summary>Step one: checks name and password.</summary>
    public async Task<SignInOutcome> SubmitPasswordAsync(string typedName, string password, CancellationToken cancel = default)
    {
        _pending = null;
        if (connection.BrowserHash is null) return new SignInOutcome.NoCookies();
        await using var attempt = await attempts.ReserveAsync(Target.Named(typedName), AskedAt.SignIn, connection.Nobody, connection.Gone);
        if ((await attempt.CheckPasswordAsync(password, connection.Gone) ?? await attempt.SettleAsync(cancel)) is { } refusal)
            return new SignInOutcome.Refused(refusal);
        return attempt.User.SecondFactor(attempt.Settings) switch
        {
            SecondFactor.None => await CompleteAsync(attempt, provedByCode: false, cancel),
            SecondFactor.Due due => await AskCodeAsync(attempt, due, cancel),
            SecondFactor.Broken broken => new SignInOutcome.Refused(await attempt.RefuseUnreadableAsync(broken.Why, cancel)),
            _ => throw new InvalidOperationException(),
        };
    }

    /// <summary>Step two: checks the code, only after step one in this circuit.</summary>
    public async Task<SignInOutcome> SubmitCodeAsync(string code, CancellationToken cancel = default)
    {
        if (_pending is not { } pending || !await IsOpenAsync(pending, cancel)) return Over();
        var target = Target.SecondFactor(code, pending.UserId, pending.EnrolmentId, pending.SecurityStamp);
        await using var attempt = await attempts.ReserveAsync(target, AskedAt.SignIn, connection.Nobody, cancel);
        if ((await attempt.CheckCodeAsync(code, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal)
        {
            // After these refusals another code may still be right. After any other one the sign-in starts again with the password.
            if (refusal is not (Refusal.Wrong or Refusal.Busy or Refusal.TooManyFromHere)) _pending = null;
            return new SignInOutcome.Refused(refusal);
        }
        var work = attempt.Work;
        var used = await work.Query<PendingSignIn>().Where(p => p.Id == pending.Id && p.ExpiresAt > work.Now).ExecuteDeleteAsync(cancel);
        return used == 1 ? await CompleteAsync(attempt, provedByCode: true, cancel) : Over(attempt);
    }

    /// <summary>Ends the half-done sign-in, after "Not you?".</summary>
    public async Task StartOverAsync(CancellationToken cancel = default)
    {
        if (_pending is not { } pending) return;
        _pending = null;
        await using var work = await units.BeginAsync(cancel);
        await work.Query<PendingSignIn>().Where(p => p.Id == pending.Id).ExecuteDeleteAsync(cancel);
        await work.CommitAsync(cancel);
    }

    /// <inheritdoc />
    public void Forget() => _pending = null;

    /// <summary>Stores the half-done sign-in in the database, where it waits for the code.</summary>
    private async Task<SignInOutcome> AskCodeAsync(Attempt attempt, SecondFactor.Due due, CancellationToken cancel)
    {
        var (work, user) = (attempt.Work, attempt.User);
        var pending = new PendingSignIn
        {
            Id = Guid.NewGuid(),
            UserId = user.Id,
            SecurityStamp = user.SecurityStamp!,
            EnrolmentId = due.EnrolmentId,
            ExpiresAt = work.Now + PendingSignIn.Lifetime,
        };
        work.Add(pending);
        work.Record(new AuditEvent.PasswordProved(user.Id), connection.Nobody);
        await work.CommitAsync(cancel);
        _pending = pending;
        return new SignInOutcome.CodeRequired(user.Name);
    }

    /// <summary>Completes the sign-in: resets the counter and issues a ticket for this browser.</summary>
    private async Task<SignInOutcome> CompleteAsync(Attempt attempt, bool provedByCode, CancellationToken cancel)
    {
        var (work, user) = (attempt.Work, attempt.User);
        if (!await work.Attempts.CompleteSignInAsync(user, work.Now, cancel)) return Over(attempt);
        // The person has the device after all, so a lost-device link must no longer work.
        if (provedByCode && attempt.RecoveredBy is null) await LostDeviceLinks.EndAsync(work, user.Id, cancel);
        var ticket = SignInTickets.Issue(work, user, provedByCode, connection, recoveredBy: attempt.RecoveredBy);
        await work.CommitAsync(cancel);
        // Not before the commit: if the database fails, the code is not used up and can be sent again.
        _pending = null;
        return new SignInOutcome.Proved(ticket);
    }

    private async Task<bool> IsOpenAsync(PendingSignIn pending, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return await work.Query<PendingSignIn>().AnyAsync(p => p.Id == pending.Id && p.ExpiresAt > work.Now, cancel);
    }

    private SignInOutcome.Refused Over(Attempt? attempt = null)
    {
        _pending = null;
        return new(attempt?.RefuseChanged() ?? new Refusal.Changed());
    }
}
