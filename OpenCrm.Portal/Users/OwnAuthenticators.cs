using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>How renaming or removing one of one's own authenticators ended: a closed set.</summary>
public abstract record AuthenticatorOutcome
{
    private AuthenticatorOutcome() { }

    public sealed record Done : AuthenticatorOutcome;

    /// <summary>Nothing was changed: the name is empty, too long, or holds characters that nobody can read.</summary>
    public sealed record NameRefused : AuthenticatorOutcome;

    /// <summary>Nothing was changed: a fresh proof is needed first.</summary>
    public sealed record StepUpNeeded(StepUpNeed Need) : AuthenticatorOutcome;

    /// <summary>Nothing was changed: it is the only one. Without it MFA is off, which has a popup of its own (docs/spec.md 3.1).</summary>
    public sealed record IsOnlyOne : AuthenticatorOutcome;

    /// <summary>Nothing was changed: the person has no such authenticator, or MFA is switched off.</summary>
    public sealed record Gone : AuthenticatorOutcome;
}

/// <summary>Renames and removes a person's own authenticators (docs/spec.md 11.4). The enrolment wizard adds them.</summary>
public sealed class OwnAuthenticators(UnitsOfWork units, CurrentCaller currentCaller, StepUp stepUp, SessionEnding sessions)
{
    /// <summary>Gives one of one's authenticators another name. It changes nothing about signing in, so no proof is asked for.</summary>
    public async Task<AuthenticatorOutcome> RenameAsync(Guid authenticatorId, string typed, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, authenticatorId, cancel) is not { } found) return new AuthenticatorOutcome.Gone();
        if (Authenticator.NameOf(typed) is not { } name) return new AuthenticatorOutcome.NameRefused();
        if (name == found.Chosen.Name) return new AuthenticatorOutcome.Done();
        if (!await work.Enrolments.RenameAsync(found.Caller.UserId, authenticatorId, name, cancel)) return new AuthenticatorOutcome.Gone();
        work.Record(new AuditEvent.AuthenticatorRenamed(found.Caller.UserId, found.Chosen.Name, name), found.Caller);
        await work.CommitAsync(cancel);
        return new AuthenticatorOutcome.Done();
    }

    /// <summary>
    /// Removes one of several authenticators, after a fresh proof. The person's other sessions end, and the person gets a mail. The last one is not
    /// removed here, also when two tabs remove the last two at the same moment.
    /// </summary>
    public async Task<AuthenticatorOutcome> RemoveAsync(Guid authenticatorId, CancellationToken cancel = default)
    {
        var need = await stepUp.EvaluateNeedAsync(StepUpFor.ChangingOwnAuthenticator, cancel);
        await using var work = await units.BeginAsync(cancel);
        if (await HoldAsync(work, authenticatorId, cancel) is not { } found) return new AuthenticatorOutcome.Gone();
        var (caller, user) = (found.Caller, found.User);
        caller.RequireNotHeld(work.Now);
        // The proof is checked in the transaction that acts; the question above only determines which fields to show.
        if (!caller.ProvedRecently(work.Now))
            return new AuthenticatorOutcome.StepUpNeeded(need is StepUpNeed.Nothing ? new StepUpNeed.PasswordAndCode() : need);
        if (found.Count == 1) return new AuthenticatorOutcome.IsOnlyOne();
        if (!await work.Enrolments.RemoveAsync(user.Id, authenticatorId, cancel)) return new AuthenticatorOutcome.Gone();
        work.Record(new AuditEvent.AuthenticatorRemoved(user.Id, found.Chosen.Name), caller);
        work.Queue(new MailDraft.AuthenticatorRemoved(user, found.Chosen.Name, caller, work.Now));
        await sessions.EndAsync(work, user.Id, SessionEnd.MfaChanged, caller, except: caller.SessionId, cancel);
        await work.CommitAsync(cancel);
        return new AuthenticatorOutcome.Done();
    }

    /// <summary>
    /// Holds the caller's row, reads the caller again afterwards, and finds the authenticator among the caller's own; null if it is not there.
    /// </summary>
    private async Task<Found?> HoldAsync(UnitOfWork work, Guid authenticatorId, CancellationToken cancel)
    {
        var user = (await work.Users.HoldAsync((await currentCaller.RequirePersonAsync(work, cancel)).UserId, cancel))!;
        var caller = await currentCaller.RequirePersonAsync(work, cancel);
        if (!(await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled || user.Enrolment is not SecondFactor.Due) return null;
        var own = await work.Enrolments.ListAsync(user, cancel);
        return own.FirstOrDefault(one => one.Id == authenticatorId) is { } chosen ? new(caller, user, chosen, own.Count) : null;
    }

    private sealed record Found(Caller.Person Caller, PortalUser User, Authenticator Chosen, int Count);
}
