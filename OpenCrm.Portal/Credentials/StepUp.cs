using Microsoft.EntityFrameworkCore;
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

    /// <summary>Password or code, or both, are not right; it is not said which.</summary>
    public sealed record Wrong : StepUpOutcome;

    /// <summary>A field that is needed was left empty; nothing was looked at.</summary>
    public sealed record Incomplete(StepUpNeed Need) : StepUpOutcome;

    /// <summary>The limit is reached: the account is locked, and this session ended with it if its own answer reached it (spec 5.3).</summary>
    public sealed record LockedOut(DateTimeOffset? Until) : StepUpOutcome;

    /// <summary>Not looked at: too many at once, or from this network, or the account changed.</summary>
    public sealed record TryLater : StepUpOutcome;

    /// <summary>MFA is on but the key cannot be read. Refused; the operator is told.</summary>
    public sealed record Unreadable : StepUpOutcome;
}

/// <summary>Asks somebody who is signed in to prove it again, before what must not happen at an unattended desk (spec 3.5). Wrong answers count on the shared counter.</summary>
public sealed class StepUp(UnitsOfWork units, Callers callers, CredentialCheck credentials)
{
    /// <summary>What the popup of <paramref name="act"/> must ask.</summary>
    public async Task<StepUpNeed> NeedAsync(StepUpFor act, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var person = await callers.PersonAsync(work, cancel);
        if (act is StepUpFor.DisablingOwnMfa ? person.ProvedInPartRecently(work.Now) : person.ProvedRecently(work.Now)) return new StepUpNeed.Nothing();
        return await FieldsAsync(work, person, act, cancel);
    }

    /// <summary>Checks what was typed; <see cref="StepUpOutcome.Proved"/> makes <see cref="Caller.Person.ProvedRecently"/> true for the actions after it.</summary>
    public async Task<StepUpOutcome> ProveAsync(StepUpFor act, string? password, string? code, CancellationToken cancel = default)
    {
        Caller.Person person;
        StepUpNeed need;
        Guid? authenticator;
        await using (var work = await units.ReadAsync(cancel))
        {
            person = act is StepUpFor.ActingAsAdministrator ? await callers.AdministratorAsync(work, cancel, nameof(StepUp)) : await callers.PersonAsync(work, cancel);
            need = await FieldsAsync(work, person, act, cancel);
            authenticator = (await work.Users.FindAsync(person.UserId, cancel))?.Authenticator?.Id;
        }
        var (hasPassword, hasCode) = (!string.IsNullOrEmpty(password), !string.IsNullOrWhiteSpace(code) && authenticator is not null);
        var complete = need switch
        {
            StepUpNeed.PasswordAndCode => hasPassword && hasCode,
            StepUpNeed.PasswordOrCode => hasPassword || hasCode,
            _ => hasPassword,
        };
        if (!complete) return new StepUpOutcome.Incomplete(need);
        var askCode = need is StepUpNeed.PasswordAndCode || (need is StepUpNeed.PasswordOrCode && !hasPassword);
        var askPassword = need is not StepUpNeed.PasswordOrCode || hasPassword;

        Verdict verdict = new Verdict.Right();
        if (askPassword)
            verdict = await credentials.PasswordAsync(person.UserId, password!, AskedAt.StepUp, person, async (work, user, settings) =>
            {
                if (askCode) return new Verdict.Right();
                var half = settings.MfaEnabled ? AuthenticatorKeys.HalfThere(user) : null;
                // A second factor that is half there refuses; it never lets the password alone through (security I5). Its own end asks for either of the two.
                if (half is { } why && act is not StepUpFor.DisablingOwnMfa)
                {
                    await work.NoteUnreadableAsync(user, why, person, cancel);
                    return new Verdict.Unreadable();
                }
                return Verdict.RightIf(await FreshenAsync(work, person, full: need is StepUpNeed.Password && half is null, cancel));
            }, cancel);
        if (verdict is Verdict.Right && askCode)
            verdict = await credentials.CodeAsync(person.UserId, authenticator!.Value, null, code!, AskedAt.StepUp, person,
                async (work, _, _) => Verdict.RightIf(await FreshenAsync(work, person, full: askPassword, cancel)), cancel);
        return OutcomeOf(verdict);
    }

    /// <param name="full">All that the account asks for was proved; a part of it only serves what is content with a part.</param>
    private static async Task<bool> FreshenAsync(UnitOfWork work, Caller.Person person, bool full, CancellationToken cancel) =>
        await work.Query<PortalSession>().Where(s => s.Id == person.SessionId && s.EndedAt == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(s => s.ProvedAt, s => full ? work.Now : s.ProvedAt)
                .SetProperty(s => s.ProvedInPartAt, work.Now), cancel) == 1;

    private static async Task<StepUpNeed> FieldsAsync(UnitOfWork work, Caller.Person person, StepUpFor act, CancellationToken cancel)
    {
        var settings = await work.SettingsAsync<SecuritySettings>(cancel);
        var enrolled = settings.MfaEnabled && (await work.Users.FindAsync(person.UserId, cancel))?.Authenticator is not null;
        return (enrolled, act) switch
        {
            (false, _) => new StepUpNeed.Password(),
            (true, StepUpFor.DisablingOwnMfa) => new StepUpNeed.PasswordOrCode(),
            _ => new StepUpNeed.PasswordAndCode(),
        };
    }

    /// <summary>What a verdict means to whoever answered.</summary>
    internal static StepUpOutcome OutcomeOf(Verdict verdict) => verdict switch
    {
        Verdict.Right => new StepUpOutcome.Proved(),
        Verdict.Wrong => new StepUpOutcome.Wrong(),
        Verdict.LockedOut locked => new StepUpOutcome.LockedOut(locked.Until),
        Verdict.Unreadable => new StepUpOutcome.Unreadable(),
        _ => new StepUpOutcome.TryLater(),
    };
}
