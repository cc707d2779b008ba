using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Enrolment;

/// <summary>
/// Setting up an authenticator (spec 2). The key waits in this circuit only: cancelling, closing the tab or a wrong code leaves the user as before, and a working
/// authenticator is replaced by the Save of a right code, never earlier.
/// </summary>
public sealed class MfaEnrolment(UnitsOfWork units, Callers callers, StepUp stepUp, SessionEnding sessions) : IForgetsPerson
{
    /// <summary>
    /// Wrong codes in one run. Whoever sits at the wizard knows the key, so guessing gains nothing; the limit only keeps a script from going on for ever, and does not
    /// lock anybody who mistypes.
    /// </summary>
    private const int MostWrongCodes = 10;

    /// <summary>Long enough to install an app, too short for a key to be left on a screen.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private Pending? _pending;

    /// <summary>Makes a new key for oneself, or, as a system administrator, for <paramref name="userId"/>.</summary>
    /// <exception cref="AccessRefusedException">Not signed in, or not an administrator.</exception>
    public async Task<EnrolmentOutcome> BeginAsync(Guid? userId = null, CancellationToken cancel = default)
    {
        _pending = null;
        var kind = userId is null ? StepUpFor.ChangingOwnAuthenticator : StepUpFor.ActingAsAdministrator;
        await using var work = await units.ReadAsync(cancel);
        var caller = await CallerAsync(work, userId, cancel);
        if (!(await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled) return new EnrolmentOutcome.SwitchedOff();
        if (await work.Users.FindAsync(userId ?? caller.UserId, cancel) is not { State: AccountState.Active } user) return new EnrolmentOutcome.NoSuchUser();
        var own = user.Id == caller.UserId;
        if (!own && user.TwoFactorEnabled) return new EnrolmentOutcome.EnrolledAlready(user.Name);
        if (!caller.ProvedRecently(work.Now)) return new EnrolmentOutcome.StepUpNeeded(kind, await stepUp.NeedAsync(kind, cancel));
        var issuer = (await work.SettingsAsync<GeneralSettings>(cancel)).CompanyName;
        var key = AuthenticatorKey.Generate();
        _pending = new(userId, user.Id, user.Authenticator?.Id, key, work.Now);
        return new EnrolmentOutcome.Begun(new(user.UserName!, issuer, key.OtpauthUri(issuer, user.UserName!), key.Groups, user.TwoFactorEnabled, own ? null : user.Name));
    }

    /// <summary>Stores the authenticator if <paramref name="code"/> is right; its time step is used up by that (spec 1.4).</summary>
    /// <exception cref="AccessRefusedException">The session ended, or the right was taken away since the wizard began.</exception>
    public async Task<EnrolmentOutcome> SaveAsync(string code, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (_pending is not { } pending || work.Now - pending.BegunAt > Lifetime) return End();
        var caller = await CallerAsync(work, pending.AskedFor, cancel);
        var kind = pending.AskedFor is null ? StepUpFor.ChangingOwnAuthenticator : StepUpFor.ActingAsAdministrator;
        if (!caller.ProvedRecently(work.Now)) return new EnrolmentOutcome.StepUpNeeded(kind, await stepUp.NeedAsync(kind, cancel));
        if (!(await work.SettingsAsync<SecuritySettings>(cancel)).MfaEnabled)
        {
            _pending = null;
            return new EnrolmentOutcome.SwitchedOff();
        }
        if (pending.Key.Match(code, work.Now) is not { } step) return await WrongAsync(work, pending, caller, code, cancel);
        if (await work.Users.FindAsync(pending.UserId, cancel) is not { } user) return End();
        var authenticator = new Authenticator
        {
            Id = Guid.CreateVersion7(work.Now),
            ProtectedKey = AuthenticatorKeys.Protect(work, user.Id, pending.Key),
            LastStep = step,
            SetUpAt = work.Now,
            SetUpById = caller.UserId,
        };
        if (!await work.Users.EnrolAsync(user, authenticator, pending.Replaces, work.Now, cancel)) return End();
        var own = user.Id == caller.UserId;
        if (own) await RaiseOwnSessionAsync(work, caller.SessionId, cancel);
        await sessions.EndAsync(work, user.Id, SessionEnd.MfaChanged, caller, except: own ? caller.SessionId : null, cancel);
        work.Record(new AuditEvent.MfaSetUp(user.Id, pending.Replaces is not null), caller);
        work.Queue(new MailDraft.MfaSetUp(user, pending.Replaces is not null, caller, work.Now));
        await work.CommitAsync(cancel);
        _pending = null;
        return new EnrolmentOutcome.Saved();
    }

    /// <inheritdoc />
    public void Forget() => _pending = null;

    private Task<Caller.Person> CallerAsync(UnitOfWork work, Guid? askedFor, CancellationToken cancel) =>
        askedFor is null ? callers.PersonAsync(work, cancel) : callers.AdministratorAsync(work, cancel);

    /// <summary>The right code proved the new factor in this very session, so it stays where others end (spec 2.7).</summary>
    private static Task<int> RaiseOwnSessionAsync(UnitOfWork work, Guid sessionId, CancellationToken cancel) =>
        work.Query<PortalSession>().Where(s => s.Id == sessionId && s.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.ProvedByCode, true), cancel);

    private async Task<EnrolmentOutcome> WrongAsync(UnitOfWork work, Pending pending, Caller caller, string code, CancellationToken cancel)
    {
        var drift = pending.Key.Drift(code, work.Now);
        work.Record(new AuditEvent.WrongCode(pending.UserId, nameof(AskedAt.Wizard)), caller);
        await work.CommitAsync(cancel);
        if (++pending.WrongCodes < MostWrongCodes) return drift is { } off ? new EnrolmentOutcome.ClockOff(off) : new EnrolmentOutcome.WrongCode();
        _pending = null;
        return new EnrolmentOutcome.TooManyWrongCodes();
    }

    private EnrolmentOutcome.Ended End()
    {
        _pending = null;
        return new();
    }

    /// <param name="AskedFor">Null: for oneself.</param>
    /// <param name="Replaces">The enrolment as it was when the wizard began.</param>
    private sealed record Pending(Guid? AskedFor, Guid UserId, Guid? Replaces, AuthenticatorKey Key, DateTimeOffset BegunAt)
    {
        public int WrongCodes { get; set; }
    }
}
