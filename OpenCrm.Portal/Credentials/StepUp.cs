using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>What a fresh proof is asked for (spec 3.5).</summary>
public enum StepUpFor
{
    /// <summary>Password or code, the person's choice.</summary>
    DisablingOwnMfa,

    /// <summary>Password and, if enrolled, a code.</summary>
    ChangingOwnAuthenticator,

    /// <summary>Password and, if enrolled, a code.</summary>
    ChangingOwnEmail,

    /// <summary>Password and, if enrolled, a code (ASVS 7.5.2).</summary>
    EndingOwnSessions,

    /// <summary>Password and, if enrolled, a code.</summary>
    ActingAsAdministrator,
}

/// <summary>Which fields the popup shows.</summary>
public abstract record StepUpNeed
{
    private StepUpNeed() { }

    /// <summary>The last proof is recent enough.</summary>
    public sealed record Nothing : StepUpNeed;

    public sealed record Password : StepUpNeed;

    public sealed record PasswordAndCode : StepUpNeed;

    public sealed record PasswordOrCode : StepUpNeed;
}

/// <summary>How a step-up ended.</summary>
public abstract record StepUpOutcome
{
    private StepUpOutcome() { }

    /// <summary>The session's proof is fresh now.</summary>
    public sealed record Proved : StepUpOutcome;

    /// <summary>A field that is needed was left empty; nothing was looked at.</summary>
    public sealed record Incomplete(StepUpNeed Need) : StepUpOutcome;

    /// <summary>
    /// An answer did not do; of password and code it is not said which. An account that this answer locked has lost this session with it (spec 5.3).
    /// </summary>
    public sealed record Refused(Refusal Refusal) : StepUpOutcome;
}

/// <summary>Asks somebody who is signed in to prove it again, before what must not happen at an unattended desk (spec 3.5). Wrong answers count on the shared counter.</summary>
public sealed class StepUp(UnitsOfWork units, CurrentCaller currentCaller, Attempts attempts)
{
    /// <summary>What the popup of <paramref name="act"/> must ask.</summary>
    public async Task<StepUpNeed> EvaluateNeedAsync(StepUpFor act, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var person = await currentCaller.RequirePersonAsync(work, cancel);
        if (act is StepUpFor.DisablingOwnMfa ? person.ProvedInPartRecently(work.Now) : person.ProvedRecently(work.Now)) return new StepUpNeed.Nothing();
        return NeedOf(act, await ReadSecondFactorAsync(work, person, cancel));
    }

    /// <summary>Checks what was typed; <see cref="StepUpOutcome.Proved"/> makes <see cref="Caller.Person.ProvedRecently"/> true for the actions after it.</summary>
    public async Task<StepUpOutcome> ProveAsync(StepUpFor act, string? password, string? code, CancellationToken cancel = default)
    {
        Caller.Person person;
        SecondFactor factor;
        await using (var work = await units.ReadAsync(cancel))
        {
            person = act is StepUpFor.ActingAsAdministrator ? await currentCaller.RequireAdministratorAsync(work, cancel, nameof(StepUp)) : await currentCaller.RequirePersonAsync(work, cancel);
            factor = await ReadSecondFactorAsync(work, person, cancel);
        }
        var need = NeedOf(act, factor);
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
        if (askPassword && await ProvePasswordAsync(act, person, password!, thenCode: due is not null, inPart: need is StepUpNeed.PasswordOrCode, cancel) is { } wrongPassword)
            return new StepUpOutcome.Refused(wrongPassword);
        if (due is not null && await ProveCodeAsync(person, due, code!, inPart: !askPassword, cancel) is { } wrongCode)
            return new StepUpOutcome.Refused(wrongCode);
        return new StepUpOutcome.Proved();
    }

    /// <param name="thenCode">A code is asked for after it, and completes the proof.</param>
    /// <param name="inPart">The account asks for a code as well, and this act is content without.</param>
    private async Task<Refusal?> ProvePasswordAsync(StepUpFor act, Caller.Person person, string password, bool thenCode, bool inPart, CancellationToken cancel)
    {
        await using var attempt = await attempts.ReserveAsync(Target.User(person.UserId), AskedAt.StepUp, person, cancel);
        if ((await attempt.CheckPasswordAsync(password, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal) return refusal;
        var broken = attempt.User.SecondFactor(attempt.Settings) as SecondFactor.Broken;
        if (!thenCode)
        {
            // A second factor that is half there refuses; its own end alone is content with the password.
            if (broken is not null && act is not StepUpFor.DisablingOwnMfa) return await attempt.RefuseUnreadableAsync(broken.Why, cancel);
            if (!await SessionProofs.FreshenAsync(attempt.Work, person, inFull: !inPart && broken is null, cancel)) return new Refusal.Changed();
        }
        await attempt.Work.CommitAsync(cancel);
        return null;
    }

    /// <param name="inPart">No password was asked for.</param>
    private async Task<Refusal?> ProveCodeAsync(Caller.Person person, SecondFactor.Due due, string code, bool inPart, CancellationToken cancel)
    {
        await using var attempt = await attempts.ReserveAsync(Target.Enrolled(person.UserId, due.AuthenticatorId), AskedAt.StepUp, person, cancel);
        if ((await attempt.CheckCodeAsync(code, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal) return refusal;
        if (!await SessionProofs.FreshenAsync(attempt.Work, person, inFull: !inPart, cancel)) return new Refusal.Changed();
        await attempt.Work.CommitAsync(cancel);
        return null;
    }

    private static async Task<SecondFactor> ReadSecondFactorAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel) =>
        (await work.Users.FindAsync(person.UserId, cancel))!.SecondFactor(await work.ReadSettingsAsync<SecuritySettings>(cancel));

    private static StepUpNeed NeedOf(StepUpFor act, SecondFactor factor) => (factor, act) switch
    {
        (SecondFactor.Due, StepUpFor.DisablingOwnMfa) => new StepUpNeed.PasswordOrCode(),
        (SecondFactor.Due, _) => new StepUpNeed.PasswordAndCode(),
        _ => new StepUpNeed.Password(),
    };
}
