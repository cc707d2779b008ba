using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// MFA for everyone, on or off (spec 3.4). Off: codes are not asked for any more, enrolments stay dormant or are erased, no session ends, nobody gets a mail. On: dormant
/// enrolments resume, and whoever has one signs in again.
/// </summary>
public sealed class MfaSwitch(UnitsOfWork units, Callers callers, StepUp stepUp, Attempts attempts, SessionEnding sessions)
{
    /// <summary>What must be asked before it is switched.</summary>
    internal async Task<MfaSwitchQuestion> QuestionAsync(UnitOfWork work, bool on, Caller.Person administrator, CancellationToken cancel)
    {
        var need = await stepUp.NeedAsync(StepUpFor.ActingAsAdministrator, cancel);
        var resumes = on && await work.Query<PortalUser>().AnyAsync(u => u.Id == administrator.UserId && u.TwoFactorEnabled, cancel);
        return new(
            on,
            await work.Query<PortalUser>().CountAsync(u => u.TwoFactorEnabled, cancel),
            AskPassword: need is not StepUpNeed.Nothing,
            AskCode: need is StepUpNeed.PasswordAndCode || resumes);
    }

    /// <summary>Checks what the question asked for; after <see cref="StepUpOutcome.Proved"/> the session's proof is fresh.</summary>
    internal async Task<StepUpOutcome> ProveAsync(MfaSwitchQuestion question, MfaSwitchAnswer answer, CancellationToken cancel)
    {
        // Judged before the password is looked at: a code that is missing must not cost a second password.
        var ownResumes = question is { On: true, AskCode: true };
        if (ownResumes && string.IsNullOrWhiteSpace(answer.Code)) return new StepUpOutcome.Incomplete(new StepUpNeed.PasswordAndCode());
        if (question.AskPassword
            && await stepUp.ProveAsync(StepUpFor.ActingAsAdministrator, answer.Password, answer.Code, cancel) is var proof and not StepUpOutcome.Proved)
            return proof;
        return ownResumes ? await ProveOwnCodeAsync(answer.Code!, cancel) : new StepUpOutcome.Proved();
    }

    internal static async Task OffAsync(UnitOfWork work, Caller.Person administrator, bool erase, CancellationToken cancel)
    {
        var enrolments = await work.Query<PortalUser>().CountAsync(u => u.TwoFactorEnabled, cancel);
        if (erase) await work.Enrolments.EraseAllAsync(cancel);
        await LostDeviceLinks.EndAllAsync(work, cancel);
        await work.Enrolments.DropPendingAsync(userId: null, cancel);
        work.Record(new AuditEvent.MfaSwitchChanged(On: false, enrolments, erase), administrator);
    }

    /// <param name="ownCodeProved">The administrator's own enrolment resumes too, and a code of it was right: this session stays.</param>
    internal async Task OnAsync(UnitOfWork work, Caller.Person administrator, bool ownCodeProved, CancellationToken cancel)
    {
        var enrolled = work.Query<PortalUser>().Where(u => u.TwoFactorEnabled);
        work.Record(new AuditEvent.MfaSwitchChanged(On: true, await enrolled.CountAsync(cancel), Erased: false), administrator);
        var present = await OpenSessions.ListPresentAsync(work, enrolled, cancel);
        foreach (var user in present)
        {
            // The user's row before the sessions', as everywhere: a sign-in that goes on comes wholly before or wholly after.
            await work.Users.HoldAsync(user, cancel);
            var stays = ownCodeProved && user == administrator.UserId ? administrator.SessionId : default(Guid?);
            await sessions.EndAsync(work, user, SessionEnd.CodeNeeded, administrator, except: stays, cancel);
        }
    }

    /// <summary>While the switch is off a step-up asks for no code, but the administrator's session outlives the switching only by one (spec 3.4).</summary>
    private async Task<StepUpOutcome> ProveOwnCodeAsync(string code, CancellationToken cancel)
    {
        Caller.Person person;
        SecondFactor enrolment;
        await using (var work = await units.BeginAsync(cancel))
        {
            person = await callers.AdministratorAsync(work, cancel);
            var user = (await work.Users.FindAsync(person.UserId, cancel))!;
            enrolment = user.Enrolment;
            if (enrolment is SecondFactor.Broken broken)
            {
                await work.NoteUnreadableAsync(user, broken.Why, person, cancel);
                await work.CommitAsync(cancel);
                return new StepUpOutcome.Refused(new Refusal.Unreadable());
            }
        }
        if (enrolment is not SecondFactor.Due due) return new StepUpOutcome.Refused(new Refusal.Changed());
        await using var attempt = await attempts.ReserveAsync(Target.Enrolled(person.UserId, due.AuthenticatorId), AskedAt.StepUp, person, cancel);
        if ((await attempt.CheckCodeAsync(code, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal) return new StepUpOutcome.Refused(refusal);
        if (!await SessionProofs.RaiseAsync(attempt.Work, person, cancel)) return new StepUpOutcome.Refused(new Refusal.Changed());
        await attempt.Work.CommitAsync(cancel);
        return new StepUpOutcome.Proved();
    }
}
