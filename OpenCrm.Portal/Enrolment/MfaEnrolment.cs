using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Enrolment;

/// <summary>
/// Setting up MFA as it goes on in one circuit (spec 2). It remembers the key that waits for its first code, and nothing else: until Save with a right code the database
/// knows nothing of it.
/// </summary>
public sealed class MfaEnrolment(UnitsOfWork units, Callers callers, StepUp stepUp, SessionEnding sessions) : IForgetsPerson
{
    /// <summary>Time enough to install an app; longer, the key would stay on an abandoned screen.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Codes in one run of the wizard. They are not counted on the account's own counter: whoever sits there sees the key, so guessing its code gains nothing, and a
    /// phone with a wrong clock must not lock its owner out. The limit keeps the audit trail from being filled.
    /// </summary>
    public const int MostCodes = 10;

    private Pending? _pending;

    /// <summary>Makes a fresh key, for oneself or, by a system administrator, for <paramref name="userId"/>. An older run in this circuit ends.</summary>
    public async Task<EnrolmentOutcome> BeginAsync(Guid? userId = null, CancellationToken cancel = default)
    {
        _pending = null;
        await using var work = await units.ReadAsync(cancel);
        var person = await callers.PersonAsync(work, cancel);
        var targetId = userId ?? person.UserId;
        if (await RefusalAsync(work, person, targetId, cancel) is { } refusal) return refusal;
        if (await work.Users.FindAsync(targetId, cancel) is not { } user) return new EnrolmentOutcome.NoSuchUser();
        var somebodyElse = targetId != person.UserId;
        if (somebodyElse && IsEnrolled(user)) return new EnrolmentOutcome.AlreadyEnrolled(user.Name);
        if (user.StatusAt(work.Now) is not AccountStatus.Active) return new EnrolmentOutcome.NotActive(user.Name);
        if (await ProofAsync(person.UserId, targetId, cancel) is { } needed) return needed;

        var issuer = (await work.SettingsAsync<GeneralSettings>(cancel)).CompanyName;
        var key = AuthenticatorKey.Generate();
        _pending = new(key, targetId, person.SessionId, user.Authenticator?.Id, work.Now);
        return new EnrolmentOutcome.Begun(
            user.Name, user.UserName!, issuer, key.OtpauthUri(issuer, user.UserName!), key.Groups, user.Authenticator is not null, somebodyElse);
    }

    /// <summary>Stores the authenticator if <paramref name="code"/> is its code of this moment. State, audit line, mail and the end of other sessions are one commit.</summary>
    public async Task<EnrolmentOutcome> SaveAsync(string code, CancellationToken cancel = default)
    {
        if (_pending is not { } pending) return new EnrolmentOutcome.Expired();
        await using (var reading = await units.ReadAsync(cancel))
        {
            var caller = await callers.PersonAsync(reading, cancel);
            if (caller.SessionId != pending.SessionId || reading.Now - pending.BegunAt > Lifetime) return End(new EnrolmentOutcome.Expired());
            // Asked before the code is looked at, so that it is still good afterwards.
            if (await ProofAsync(caller.UserId, pending.UserId, cancel) is { } needed) return needed;
        }
        if (++pending.Codes > MostCodes) return End(new EnrolmentOutcome.TooManyWrongCodes());

        await using var work = await units.BeginAsync(cancel);
        var person = await callers.PersonAsync(work, cancel);
        if (await RefusalAsync(work, person, pending.UserId, cancel) is { } refusal) return End(refusal);
        if (pending.Key.Match(code, work.Now) is not { } step) return await WrongAsync(work, pending, code, person, cancel);
        if (!await work.Users.HoldMfaSwitchAsync(on: true, cancel)) return End(new EnrolmentOutcome.SwitchedOff());
        if (await StoreAsync(work, pending, step, person, cancel) is { } failed) return End(failed);
        await work.CommitAsync(cancel);
        return End(new EnrolmentOutcome.Saved());
    }

    /// <summary>The person left the wizard: the key is dropped.</summary>
    public void Cancel() => _pending = null;

    /// <inheritdoc />
    public void Forget() => _pending = null;

    private async Task<EnrolmentOutcome?> StoreAsync(UnitOfWork work, Pending pending, long step, Caller.Person person, CancellationToken cancel)
    {
        if (await work.Users.FindAsync(pending.UserId, cancel) is not { } user) return new EnrolmentOutcome.NoSuchUser();
        var authenticator = new Authenticator
        {
            Id = Guid.CreateVersion7(work.Now),
            ProtectedKey = AuthenticatorKeys.Protect(work, user.Id, pending.Key),
            // The code of Save is used up by being here (spec 1.4).
            LastStep = step,
            SetUpAt = work.Now,
            SetUpById = person.UserId,
        };
        if (!await work.Users.EnrolAsync(user, authenticator, pending.Replaces, work.Now, cancel)) return WhyNot(user, pending, person, work.Now);
        var own = user.Id == person.UserId;
        var replaced = pending.Replaces is not null;
        work.Record(new AuditEvent.MfaSetUp(user.Id, replaced), person);
        work.Queue(new MailDraft.MfaSetUp(user, replaced, person, work.Now));
        await sessions.EndAsync(work, user.Id, SessionEnd.MfaChanged, person, except: own ? person.SessionId : null, cancel);
        // From now on a password alone opens nothing for this user; the session in which it was done has just proved a code.
        if (own && !await RaiseAsync(work, person.SessionId, cancel)) throw new AccessRefusedException("The session ended.");
        return null;
    }

    private static async Task<bool> RaiseAsync(UnitOfWork work, Guid sessionId, CancellationToken cancel) =>
        await work.Query<PortalSession>().Where(s => s.Id == sessionId && s.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.ProvedByCode, true), cancel) == 1;

    private async Task<EnrolmentOutcome> WrongAsync(UnitOfWork work, Pending pending, string code, Caller.Person person, CancellationToken cancel)
    {
        EnrolmentOutcome outcome = new EnrolmentOutcome.WrongCode();
        if (pending.Key.Drift(code, work.Now) is { } off)
        {
            outcome = new EnrolmentOutcome.ClockOff(off);
        }
        else
        {
            work.Record(new AuditEvent.WrongCode(pending.UserId, nameof(AskedAt.Wizard)), person);
            await work.CommitAsync(cancel);
        }
        return pending.Codes < MostCodes ? outcome : End(new EnrolmentOutcome.TooManyWrongCodes());
    }

    private static async Task<EnrolmentOutcome?> RefusalAsync(UnitOfWork work, Caller.Person person, Guid targetId, CancellationToken cancel)
    {
        if (targetId != person.UserId && !person.IsSystemAdministrator) return new EnrolmentOutcome.NotAllowed();
        return (await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled ? null : new EnrolmentOutcome.SwitchedOff();
    }

    private async Task<EnrolmentOutcome.StepUpNeeded?> ProofAsync(Guid personId, Guid targetId, CancellationToken cancel)
    {
        var act = personId == targetId ? StepUpFor.ChangingOwnAuthenticator : StepUpFor.ActingAsAdministrator;
        return await stepUp.NeedAsync(act, cancel) is var need and not StepUpNeed.Nothing ? new(act, need) : null;
    }

    private static EnrolmentOutcome WhyNot(PortalUser user, Pending pending, Caller.Person person, DateTimeOffset now)
    {
        if (user.StatusAt(now) is not AccountStatus.Active) return new EnrolmentOutcome.NotActive(user.Name);
        return user.Id != person.UserId && pending.Replaces is null && IsEnrolled(user)
            ? new EnrolmentOutcome.AlreadyEnrolled(user.Name)
            : new EnrolmentOutcome.Changed();
    }

    // Half an enrolment counts too: disabling clears it away.
    private static bool IsEnrolled(PortalUser user) => user.TwoFactorEnabled || user.Authenticator is not null;

    private EnrolmentOutcome End(EnrolmentOutcome outcome)
    {
        _pending = null;
        return outcome;
    }

    /// <param name="Replaces">The enrolment as it was when the wizard began; another one since is not overwritten.</param>
    private sealed record Pending(AuthenticatorKey Key, Guid UserId, Guid SessionId, Guid? Replaces, DateTimeOffset BegunAt)
    {
        public int Codes { get; set; }
    }
}
