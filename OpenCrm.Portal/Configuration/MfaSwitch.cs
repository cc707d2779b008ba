using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// Switches MFA on or off for everyone (docs/spec.md 3.4). Off: codes are no longer asked for, enrolments stay dormant or are erased, no session
/// ends, nobody gets a mail. On: dormant enrolments resume, and everybody who has one must sign in again.
/// </summary>
public sealed class MfaSwitch(
    UnitsOfWork units, CurrentCaller currentCaller, StepUp stepUp, Attempts attempts, SessionEnding sessions, MfaRollOut rollOut)
{
    /// <summary>The switch as a field. It is in no list of settings, because a change is confirmed first and has an audit event of its own.</summary>
    public static TickSetting<SecuritySettings> Tick { get; } = new(s => s.MfaEnabled, () => Texts.Configuration_EnableMfa);

    /// <summary>
    /// Counts users and enrolments for the hint beside the switch. It is not part of the settings, so that the page need not wait for it.
    /// </summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<EnrolmentCount> CountEnrolmentsAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var users = work.Query<PortalUser>();
        return new(
            await users.Where(u => u.TwoFactorEnabled).Take(EnrolmentCount.Bound + 1).CountAsync(cancel),
            await users.Take(EnrolmentCount.Bound + 1).CountAsync(cancel));
    }

    /// <summary>Saves the block that contains the switch, and turns the switch in the same commit if it has changed.</summary>
    /// <param name="answer">Null at first; then the answer to <see cref="SettingsOutcome.ConfirmationNeeded"/>.</param>
    /// <param name="rollOutSeen">False at first; true once the person has seen <see cref="SettingsOutcome.RollOutShown"/>.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<SettingsOutcome> SaveAsync(
        SecurityEdit edit, MfaSwitchAnswer? answer = null, bool rollOutSeen = false, CancellationToken cancel = default)
    {
        var (refused, question) = await EvaluateAsync(edit, cancel);
        if (refused is not null) return refused;
        // The roll-out comes before the question about the switch, whose answer therefore means that it was seen.
        if (await ShowRollOutAsync(edit, seen: rollOutSeen || answer is not null, cancel) is { } shown) return shown;
        if (question is not null && answer is null) return new SettingsOutcome.ConfirmationNeeded(question);
        // Proved before the transaction: wrong answers are counted and committed whatever becomes of the settings.
        if (question is not null && await ProveAsync(question, answer!, cancel) is var proof and not StepUpOutcome.Proved)
        {
            return new SettingsOutcome.NotProved(
                proof, proof is StepUpOutcome.Refused { Refusal: Refusal.LockedOut } ? question : await ReadQuestionAsync(edit, cancel));
        }

        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var stored = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        if (stored.Version != edit.Settings.Version) return new SettingsOutcome.SavedMeanwhile(stored);
        var (before, after) = (MfaRule.Of(stored), edit.RuleOver(stored));
        if (await FindObstacleAsync(work, administrator, before, after, cancel) is { } obstacle) return obstacle;
        if (stored.MfaEnabled != edit.MfaEnabled)
        {
            // The proof is checked in the transaction that acts; the question only says what to ask.
            if (!administrator.ProvedRecently(work.Now))
                return new SettingsOutcome.ConfirmationNeeded(await ReadQuestionAsync(work, edit.MfaEnabled, administrator, cancel));
            if (!await work.Enrolments.HoldSwitchAsync(stored.MfaEnabled, cancel))
                return new SettingsOutcome.SavedMeanwhile(await work.ReadSettingsAsync<SecuritySettings>(cancel));
            stored.MfaEnabled = edit.MfaEnabled;
            if (edit.MfaEnabled) await SwitchOnAsync(work, administrator, ownCodeProved: question?.AskCode == true, cancel);
            else await SwitchOffAsync(work, administrator, answer!.Erase, cancel);
        }
        else if (!administrator.ProvedRecently(work.Now)) return new SettingsOutcome.StepUpNeeded();
        // Held before the deadlines, as by everybody who sets up MFA.
        else if (after != before && !await work.Enrolments.HoldSwitchAsync(stored.MfaEnabled, cancel))
            return new SettingsOutcome.SavedMeanwhile(await work.ReadSettingsAsync<SecuritySettings>(cancel));
        await edit.Settings.PutAsync(SettingsLists.Security, work, stored, administrator, cancel);
        if (after != before)
        {
            await work.Duties.FollowAsync(before, after, cancel);
            await SessionEnding.EvaluateAllAgainAsync(work, cancel);
        }
        return await work.TryCommitAsync(cancel) is CommitOutcome.SavedMeanwhile
            ? new SettingsOutcome.SavedMeanwhile(await units.ReadSettingsAsync<SecuritySettings>(cancel))
            : new SettingsOutcome.Saved(stored);
    }

    /// <summary>Finds why the edit is refused, or what must be asked first. Both null: it may be saved.</summary>
    private async Task<(SettingsOutcome? Refused, MfaSwitchQuestion? Question)> EvaluateAsync(SecurityEdit edit, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var stored = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        if (edit.Settings.Faults(SettingsLists.Security, stored) is { Count: > 0 } faults) return (new SettingsOutcome.Invalid(faults), null);
        if (stored.Version != edit.Settings.Version) return (new SettingsOutcome.SavedMeanwhile(stored), null);
        if (stored.MfaEnabled == edit.MfaEnabled) return (null, null);
        var question = await ReadQuestionAsync(work, edit.MfaEnabled, administrator, cancel);
        return (null, question is { On: true, Enrolments: 0, AskPassword: false } ? null : question);
    }

    /// <summary>Shows what a changed rule about who must use MFA is going to do, or what stands against it; null if neither is to be shown.</summary>
    private async Task<SettingsOutcome?> ShowRollOutAsync(SecurityEdit edit, bool seen, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var stored = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        var (before, after) = (MfaRule.Of(stored), edit.RuleOver(stored));
        if (await FindObstacleAsync(work, administrator, before, after, cancel) is { } obstacle) return obstacle;
        return seen || after == before || !after.CoversAnybody
            ? null
            : new SettingsOutcome.RollOutShown(await rollOut.PreviewAsync(work, administrator, before, after, cancel));
    }

    private async Task<SettingsOutcome?> FindObstacleAsync(
        UnitOfWork work, Caller.Person administrator, MfaRule before, MfaRule after, CancellationToken cancel) =>
        // Asked of a rule that sleeps as well. So ticking the switch again demands nothing new: the rule was saved by somebody who could meet it, and
        // nobody can set up MFA before it is ticked.
        (after.Who, after.Days) != (before.Who, before.Days) && after.Who is not MustUseMfa.Nobody
        && await rollOut.FindObstacleAsync(work, administrator, after, cancel) is { } obstacle
            ? new SettingsOutcome.RollOutRefused(obstacle)
            : null;

    private async Task<MfaSwitchQuestion> ReadQuestionAsync(SecurityEdit edit, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return await ReadQuestionAsync(work, edit.MfaEnabled, await currentCaller.RequireAdministratorAsync(work, cancel), cancel);
    }

    /// <summary>Reads what must be asked before the switch is turned.</summary>
    private async Task<MfaSwitchQuestion> ReadQuestionAsync(UnitOfWork work, bool on, Caller.Person administrator, CancellationToken cancel)
    {
        var need = await stepUp.EvaluateNeedAsync(StepUpFor.ActingAsAdministrator, cancel);
        var resumes = on && await work.Query<PortalUser>().AnyAsync(u => u.Id == administrator.UserId && u.TwoFactorEnabled, cancel);
        return new(
            on,
            await work.Query<PortalUser>().CountAsync(u => u.TwoFactorEnabled, cancel),
            AskPassword: need is not StepUpNeed.Nothing,
            AskCode: need is StepUpNeed.PasswordAndCode || resumes);
    }

    /// <summary>Checks what the question asked for. After <see cref="StepUpOutcome.Proved"/> the session's proof is fresh.</summary>
    private async Task<StepUpOutcome> ProveAsync(MfaSwitchQuestion question, MfaSwitchAnswer answer, CancellationToken cancel)
    {
        // Checked before the password: otherwise a missing code would make the person type the password twice.
        var ownResumes = question is { On: true, AskCode: true };
        if (ownResumes && string.IsNullOrWhiteSpace(answer.Code)) return new StepUpOutcome.Incomplete(new StepUpNeed.PasswordAndCode());
        if (question.AskPassword
            && await stepUp.ProveAsync(StepUpFor.ActingAsAdministrator, answer.Password, answer.Code, cancel)
                is var proof and not StepUpOutcome.Proved)
        {
            return proof;
        }
        return ownResumes ? await ProveOwnCodeAsync(answer.Code!, cancel) : new StepUpOutcome.Proved();
    }

    internal static async Task SwitchOffAsync(UnitOfWork work, Caller.Person administrator, bool erase, CancellationToken cancel)
    {
        var enrolments = await work.Query<PortalUser>().CountAsync(u => u.TwoFactorEnabled, cancel);
        if (erase) await work.Enrolments.EraseAllAsync(cancel);
        await LostDeviceLinks.EndAllAsync(work, cancel);
        await TemporaryCodes.DropAllAsync(work, cancel);
        await work.Enrolments.DropPendingAsync(userId: null, cancel);
        work.Record(new AuditEvent.MfaSwitchChanged(On: false, enrolments, erase), administrator);
    }

    /// <param name="ownCodeProved">Whether the administrator's own enrolment resumes and a code of it was right; then this session stays.</param>
    private async Task SwitchOnAsync(UnitOfWork work, Caller.Person administrator, bool ownCodeProved, CancellationToken cancel)
    {
        var enrolled = work.Query<PortalUser>().Where(u => u.TwoFactorEnabled);
        work.Record(new AuditEvent.MfaSwitchChanged(On: true, await enrolled.CountAsync(cancel), Erased: false), administrator);
        var present = await OpenSessions.ListPresentAsync(work, enrolled, cancel);
        foreach (var user in present)
        {
            // The user's row is held before the sessions', as everywhere: a sign-in in progress is entirely before or entirely after.
            await work.Users.HoldAsync(user, cancel);
            var stays = ownCodeProved && user == administrator.UserId ? administrator.SessionId : default(Guid?);
            await sessions.EndAsync(work, user, SessionEnd.CodeNeeded, administrator, except: stays, cancel);
        }
    }

    /// <summary>
    /// Checks a code of the administrator's own enrolment. While the switch is off a step-up asks for no code, but once it is on, this session
    /// survives only if it has proved one.
    /// </summary>
    private async Task<StepUpOutcome> ProveOwnCodeAsync(string code, CancellationToken cancel)
    {
        Caller.Person person;
        SecondFactor enrolment;
        await using (var work = await units.BeginAsync(cancel))
        {
            person = await currentCaller.RequireAdministratorAsync(work, cancel);
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
        await using var attempt = await attempts.ReserveAsync(Target.Enrolled(person.UserId, due.EnrolmentId), AskedAt.StepUp, person, cancel);
        if ((await attempt.CheckCodeAsync(code, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal)
            return new StepUpOutcome.Refused(refusal);
        if (!await SessionProofs.RaiseAsync(attempt.Work, person, cancel)) return new StepUpOutcome.Refused(attempt.RefuseChanged());
        await attempt.Work.CommitAsync(cancel);
        return new StepUpOutcome.Proved();
    }
}
