using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>How a change of one's own password, e-mail address or sessions ended: a closed set.</summary>
public abstract record OwnOutcome
{
    private OwnOutcome() { }

    public sealed record Done : OwnOutcome;

    /// <summary>Nothing was changed: the current password is wrong or could not be checked.</summary>
    public sealed record Refused(Refusal Refusal) : OwnOutcome;

    /// <summary>Nothing was changed: a fresh proof is needed first.</summary>
    public sealed record StepUpNeeded : OwnOutcome;

    public sealed record PasswordRefused(IReadOnlyList<PasswordFault> Faults, int MinimumLength) : OwnOutcome;

    public sealed record EmailRefused(UserFault Fault) : OwnOutcome;

    /// <summary>It is that way already; nothing happened.</summary>
    public sealed record NothingToDo : OwnOutcome;
}

/// <summary>Changes a person's own password, e-mail address and sessions, from their own record (docs/spec.md 5.2).</summary>
public sealed class OwnCredentials(
    UnitsOfWork units, CurrentCaller currentCaller, Attempts attempts, PasswordHashing hashing, SessionEnding sessions)
{
    /// <summary>Reads the rules for a new password of the caller.</summary>
    public async Task<PasswordRules> ReadRulesAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var caller = await currentCaller.RequirePersonAsync(work, cancel);
        var user = (await work.Users.FindAsync(caller.UserId, cancel))!;
        return new(await work.ReadSettingsAsync<PasswordPolicySettings>(cancel), user.UserName, user.Email);
    }

    /// <summary>
    /// Changes one's own password. The current one is always asked for, however recent the last proof is, and counts on the shared counter. Other
    /// sessions end, and so does everything half done with the old password: sign-ins and mailed links.
    /// </summary>
    public async Task<OwnOutcome> ChangePasswordAsync(string current, string password, CancellationToken cancel = default)
    {
        var rules = await ReadRulesAsync(cancel);
        if (rules.Evaluate(password) is { Count: > 0 } faults) return new OwnOutcome.PasswordRefused(faults, rules.Policy.MinimumLength);
        Caller.Person caller;
        await using (var reading = await units.ReadAsync(cancel)) caller = await currentCaller.RequirePersonAsync(reading, cancel);
        // Hashed before the transaction: it is slow, and the user's row would be held that long.
        if (await hashing.HashAsync(password, caller, cancel) is not { } hash) return new OwnOutcome.Refused(new Refusal.Busy());
        await using var attempt = await attempts.ReserveAsync(Target.User(caller.UserId), AskedAt.PasswordChange, caller, cancel);
        if ((await attempt.CheckPasswordAsync(current, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal)
            return new OwnOutcome.Refused(refusal);
        var (work, user) = (attempt.Work, attempt.User);
        var acting = await currentCaller.RequirePersonAsync(work, cancel);
        if (!await work.Users.SetPasswordAsync(user, hash, work.Now, cancel)) return new OwnOutcome.Refused(attempt.RefuseChanged());
        work.Record(new AuditEvent.PasswordChanged(user.Id), acting);
        await sessions.EndAsync(work, user.Id, SessionEnd.PasswordChanged, acting, except: acting.SessionId, cancel);
        await MailedLinks.EndAsync(work, user.Id, cancel);
        await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Password, acting, cancel);
        await work.CommitAsync(cancel);
        return new OwnOutcome.Done();
    }

    /// <summary>
    /// Changes one's own e-mail address, after a fresh proof. The old address gets a mail; half-done sign-ins and links that were mailed to it end.
    /// </summary>
    public async Task<OwnOutcome> ChangeEmailAsync(string typed, CancellationToken cancel = default)
    {
        var email = typed.Trim();
        await using var work = await units.BeginAsync(cancel);
        var (caller, before) = await HoldAsync(work, cancel);
        caller.RequireNotHeld(work.Now);
        if (!IncomingText.IsName(email)) return new OwnOutcome.EmailRefused(UserFault.EmailUnreadable);
        if (!AccountName.IsValidEmail(email)) return new OwnOutcome.EmailRefused(UserFault.EmailInvalid);
        if (email == before.Email) return new OwnOutcome.NothingToDo();
        // The proof comes first: without it, anybody at this desk could find out which addresses have accounts.
        if (!caller.ProvedRecently(work.Now)) return new OwnOutcome.StepUpNeeded();
        var normalized = AccountName.Normalize(email);
        if (await work.Query<PortalUser>().AnyAsync(u => u.Id != before.Id && u.NormalizedEmail == normalized, cancel))
            return new OwnOutcome.EmailRefused(UserFault.EmailTaken);
        var user = await work.Tracked<PortalUser>().SingleAsync(u => u.Id == before.Id, cancel);
        (user.Email, user.NormalizedEmail) = (email, normalized);
        (user.SecurityStamp, user.ConcurrencyStamp) = (SecretToken.Generate(), Guid.NewGuid().ToString());
        work.Record(new AuditEvent.UserChanged(user.Id, nameof(user.Email), before.Email!, email), caller);
        work.Queue(new MailDraft.EmailChanged(MailRecipient.Of(before), user, caller, work.Now));
        await SessionEnding.EndHalfDoneAsync(work, user.Id, cancel);
        await MailedLinks.EndAsync(work, user.Id, cancel);
        await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Email, caller, cancel);
        return await work.TryCommitAsync(cancel) switch
        {
            CommitOutcome.Committed => new OwnOutcome.Done(),
            // Another user took the address meanwhile: its index refuses the commit.
            CommitOutcome.Taken => new OwnOutcome.EmailRefused(UserFault.EmailTaken),
            _ => new OwnOutcome.Refused(new Refusal.Changed()),
        };
    }

    /// <summary>Ends all one's other sessions and half-done sign-ins, after a fresh proof (ASVS 7.5.2).</summary>
    public async Task<OwnOutcome> EndOtherSessionsAsync(CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var (caller, user) = await HoldAsync(work, cancel);
        if (!caller.ProvedRecently(work.Now)) return new OwnOutcome.StepUpNeeded();
        var ended = await sessions.EndAsync(work, user.Id, SessionEnd.EndedByPerson, caller, except: caller.SessionId, cancel);
        await work.CommitAsync(cancel);
        return ended > 0 ? new OwnOutcome.Done() : new OwnOutcome.NothingToDo();
    }

    /// <summary>Ends one of one's other sessions, after a fresh proof. The current session ends by signing out.</summary>
    public async Task<OwnOutcome> EndSessionAsync(Guid sessionId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var (caller, user) = await HoldAsync(work, cancel);
        if (!caller.ProvedRecently(work.Now)) return new OwnOutcome.StepUpNeeded();
        if (sessionId == caller.SessionId || !await sessions.EndOneAsync(work, user.Id, sessionId, SessionEnd.EndedByPerson, cancel))
            return new OwnOutcome.NothingToDo();
        work.Record(new AuditEvent.SessionsEnded(user.Id, 1, nameof(SessionEnd.EndedByPerson)), caller);
        await work.CommitAsync(cancel);
        return new OwnOutcome.Done();
    }

    /// <summary>Holds the caller's row and reads the caller again afterwards, so that a lock or an ended session that came first is seen.</summary>
    private async Task<(Caller.Person Caller, PortalUser User)> HoldAsync(UnitOfWork work, CancellationToken cancel)
    {
        var user = (await work.Users.HoldAsync((await currentCaller.RequirePersonAsync(work, cancel)).UserId, cancel))!;
        return (await currentCaller.RequirePersonAsync(work, cancel), user);
    }
}
