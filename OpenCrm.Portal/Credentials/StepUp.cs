using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>The actions that ask for a fresh proof (docs/spec.md 3.5).</summary>
public enum StepUpFor
{
    /// <summary>Asks for the password or a code, the person's choice.</summary>
    DisablingOwnMfa,

    /// <summary>Asks for the password and, if enrolled, a code.</summary>
    ChangingOwnAuthenticator,

    /// <summary>
    /// Asks for the password and, if enrolled, a code; in a session that began with a recovery, for one hour, for the password alone (docs/spec.md
    /// 11.3).
    /// </summary>
    AddingOwnAuthenticator,

    /// <summary>Asks for the password and, if enrolled, a code.</summary>
    ChangingOwnEmail,

    /// <summary>Asks for the password and, if enrolled, a code (ASVS 7.5.2).</summary>
    EndingOwnSessions,

    /// <summary>Asks for the password and, if enrolled, a code.</summary>
    ActingAsAdministrator,

    /// <summary>Asks for the password and six digits, for which nothing stands in (docs/spec.md 11.2).</summary>
    MakingRecoveryCodes,
}

/// <summary>Which fields the popup shows: a closed set.</summary>
public abstract record StepUpNeed
{
    private StepUpNeed() { }

    /// <summary>The last proof is recent enough.</summary>
    public sealed record Nothing : StepUpNeed;

    public sealed record Password : StepUpNeed;

    public sealed record PasswordAndCode : StepUpNeed;

    public sealed record PasswordOrCode : StepUpNeed;
}

/// <summary>How a step-up ended: a closed set.</summary>
public abstract record StepUpOutcome
{
    private StepUpOutcome() { }

    /// <summary>The session now has a fresh proof.</summary>
    public sealed record Proved : StepUpOutcome;

    /// <summary>A required field was empty; nothing was checked.</summary>
    public sealed record Incomplete(StepUpNeed Need) : StepUpOutcome;

    /// <summary>
    /// The password or the code was refused; the answer does not say which. An account that this answer locked has lost this session with it.
    /// </summary>
    public sealed record Refused(Refusal Refusal) : StepUpOutcome;
}

/// <summary>
/// Asks a signed-in person to prove again who they are, before an action that nobody else may do at an unattended desk. Wrong answers count on the
/// shared counter.
/// </summary>
public sealed class StepUp(UnitsOfWork units, CurrentCaller currentCaller, Attempts attempts)
{
    /// <summary>Determines what the popup of <paramref name="act"/> must ask for.</summary>
    public async Task<StepUpNeed> EvaluateNeedAsync(StepUpFor act, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var person = await RequirePersonAsync(work, act, cancel);
        if (AcceptsAPart(act, person, work.Now) ? person.ProvedInPartRecently(work.Now) : person.ProvedRecently(work.Now))
            return new StepUpNeed.Nothing();
        return NeedOf(act, await ReadSecondFactorAsync(work, person, cancel), AcceptsAPart(act, person, work.Now));
    }

    /// <summary>
    /// Checks what was typed. <see cref="StepUpOutcome.Proved"/> makes <see cref="Caller.Person.ProvedRecently"/> true for the actions that follow.
    /// </summary>
    public async Task<StepUpOutcome> ProveAsync(StepUpFor act, string? password, string? code, CancellationToken cancel = default)
    {
        Caller.Person person;
        SecondFactor factor;
        bool acceptsAPart;
        await using (var work = await units.ReadAsync(cancel))
        {
            person = act is StepUpFor.ActingAsAdministrator
                ? await currentCaller.RequireAdministratorAsync(work, cancel, nameof(StepUp))
                : await RequirePersonAsync(work, act, cancel);
            factor = await ReadSecondFactorAsync(work, person, cancel);
            acceptsAPart = AcceptsAPart(act, person, work.Now);
        }
        var need = NeedOf(act, factor, acceptsAPart);
        var (hasPassword, hasCode) = (!string.IsNullOrEmpty(password), !string.IsNullOrWhiteSpace(code));
        var complete = need switch
        {
            StepUpNeed.PasswordAndCode => hasPassword && hasCode,
            StepUpNeed.PasswordOrCode => hasPassword || hasCode,
            _ => hasPassword,
        };
        if (!complete) return new StepUpOutcome.Incomplete(need);
        var askPassword = need is not StepUpNeed.PasswordOrCode || hasPassword;
        var due = need is StepUpNeed.PasswordAndCode || !askPassword ? factor as SecondFactor.Due : null;
        if (askPassword
            && await ProvePasswordAsync(act, person, password!, thenCode: due is not null, inPart: acceptsAPart && factor is SecondFactor.Due, cancel)
                is { } wrongPassword)
        {
            return new StepUpOutcome.Refused(wrongPassword);
        }
        // Nothing stands in for six digits where they make new codes, or where they alone are asked for, without the password.
        var target = due is null ? null
            : act is StepUpFor.MakingRecoveryCodes || !askPassword ? Target.Enrolled(person.UserId, due.EnrolmentId)
            : Target.SecondFactor(code!, person.UserId, due.EnrolmentId);
        if (target is not null && await ProveCodeAsync(person, target, code!, inPart: !askPassword, cancel) is { } wrongCode)
            return new StepUpOutcome.Refused(wrongCode);
        return new StepUpOutcome.Proved();
    }

    /// <param name="thenCode">Whether a code is asked for next, which completes the proof.</param>
    /// <param name="inPart">Whether the account asks for a code too, but this action accepts the password alone.</param>
    private async Task<Refusal?> ProvePasswordAsync(
        StepUpFor act, Caller.Person person, string password, bool thenCode, bool inPart, CancellationToken cancel)
    {
        await using var attempt = await attempts.ReserveAsync(Target.User(person.UserId), AskedAt.StepUp, person, cancel);
        if ((await attempt.CheckPasswordAsync(password, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal) return refusal;
        var broken = attempt.User.SecondFactor(attempt.Settings) as SecondFactor.Broken;
        if (!thenCode)
        {
            // A broken second factor refuses every action but one: disabling it accepts the password alone.
            if (broken is not null && act is not StepUpFor.DisablingOwnMfa) return await attempt.RefuseUnreadableAsync(broken.Why, cancel);
            // An authenticator was set up since the question: a password alone is no full proof any more.
            if (!inPart && attempt.User.SecondFactor(attempt.Settings) is SecondFactor.Due) return attempt.RefuseChanged();
            if (!await SessionProofs.FreshenAsync(attempt.Work, person, inFull: !inPart && broken is null, cancel)) return attempt.RefuseChanged();
        }
        await attempt.Work.CommitAsync(cancel);
        return null;
    }

    /// <param name="inPart">Whether the code is the whole proof, without a password.</param>
    private async Task<Refusal?> ProveCodeAsync(Caller.Person person, Target target, string code, bool inPart, CancellationToken cancel)
    {
        await using var attempt = await attempts.ReserveAsync(target, AskedAt.StepUp, person, cancel);
        if ((await attempt.CheckCodeAsync(code, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal) return refusal;
        if (!await SessionProofs.FreshenAsync(attempt.Work, person, inFull: !inPart, cancel)) return attempt.RefuseChanged();
        await attempt.Work.CommitAsync(cancel);
        return null;
    }

    private static async Task<SecondFactor> ReadSecondFactorAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel) =>
        (await work.Users.FindAsync(person.UserId, cancel))!.SecondFactor(await work.ReadSettingsAsync<SecuritySettings>(cancel));

    /// <summary>Returns who proves. The wizard asks also while MFA is overdue (docs/spec.md 12.2).</summary>
    private Task<Caller.Person> RequirePersonAsync(UnitOfWork work, StepUpFor act, CancellationToken cancel) =>
        act is StepUpFor.ChangingOwnAuthenticator or StepUpFor.AddingOwnAuthenticator
            ? currentCaller.RequirePersonEvenOverdueAsync(work, cancel)
            : currentCaller.RequirePersonAsync(work, cancel);

    /// <summary>
    /// Whether a part of what the account asks for is enough. Disabling one's own MFA takes either part; adding an authenticator right after a
    /// recovery takes the password, because the person has no device.
    /// </summary>
    private static bool AcceptsAPart(StepUpFor act, Caller.Person person, DateTimeOffset now) =>
        act is StepUpFor.DisablingOwnMfa || (act is StepUpFor.AddingOwnAuthenticator && person.RecoveredRecently(now));

    private static StepUpNeed NeedOf(StepUpFor act, SecondFactor factor, bool acceptsAPart) => (factor, act) switch
    {
        (SecondFactor.Due, StepUpFor.DisablingOwnMfa) => new StepUpNeed.PasswordOrCode(),
        (SecondFactor.Due, StepUpFor.AddingOwnAuthenticator) when acceptsAPart => new StepUpNeed.Password(),
        (SecondFactor.Due, _) => new StepUpNeed.PasswordAndCode(),
        _ => new StepUpNeed.Password(),
    };
}
