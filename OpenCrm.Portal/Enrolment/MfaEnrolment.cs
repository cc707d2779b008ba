using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Enrolment;

/// <summary>
/// Sets up MFA (docs/spec.md 2). The key that waits for its first code is stored encrypted and bound to the session; a page knows only which run it
/// shows. Nothing of the user's MFA changes before Save with a right code.
/// </summary>
public sealed partial class MfaEnrolment(
    UnitsOfWork units, CurrentCaller currentCaller, StepUp stepUp, AuthenticatorSaving saving, ILogger<MfaEnrolment> log) : IForgetsPerson
{
    /// <summary>How long a key waits: enough to install an app, but not so long that the key stays on an abandoned screen.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Most codes in one run of the wizard. They are not counted on the account's own counter: the person in front of the wizard sees the key, so
    /// guessing its code gains nothing, and a phone with a wrong clock must not lock its owner out. The limit keeps the audit trail from being
    /// filled.
    /// </summary>
    public const int MostCodes = 10;

    private EnrolmentRun? _run;

    /// <summary>
    /// Shows the key that waits in this session, or makes one: for oneself or, as a system administrator, for <paramref name="userId"/>. Loading the
    /// page again, another tab and another node show the same key.
    /// </summary>
    /// <param name="userId">Whose MFA is set up; null for one's own.</param>
    /// <param name="choice">What to do where there are authenticators already; null to be asked, or to go on with the key that waits.</param>
    /// <param name="afresh">Whether to make a new key where the last run has ended; otherwise the caller learns how it ended.</param>
    /// <param name="cancel">Cancels the call.</param>
    public async Task<EnrolmentOutcome> BeginAsync(
        Guid? userId = null, SetUpChoice? choice = null, bool afresh = false, CancellationToken cancel = default)
    {
        _run = null;
        await using var reading = await units.ReadAsync(cancel);
        var person = await currentCaller.RequirePersonEvenOverdueAsync(reading, cancel);
        var targetId = userId ?? person.UserId;
        if (await FindRefusalAsync(reading, person, targetId, cancel) is { } refusal) return refusal;
        if (await reading.Users.FindAsync(targetId, cancel) is not { } user) return new EnrolmentOutcome.NoSuchUser();
        var somebodyElse = targetId != person.UserId;
        // A broken enrolment counts too; disabling MFA clears it away.
        if (somebodyElse && user.Enrolment is not SecondFactor.None) return new EnrolmentOutcome.AlreadyEnrolled(user.Name);
        if (user.StatusAt(reading.Now) is not AccountStatus.Active) return new EnrolmentOutcome.NotActive(user.Name);
        var enrolment = EnrolmentOf(user);
        var authenticators = enrolment is null ? [] : await reading.Enrolments.ListAsync(user, cancel);
        if (enrolment is null) choice = null;
        else if (choice is null && (afresh || !await IsWaitingAsync(reading, person, targetId, cancel)))
            return new EnrolmentOutcome.ChoiceNeeded([.. authenticators.Select(one => new EnrolledAuthenticator(one.Id, one.Name))]);
        if (choice is SetUpChoice.AddAnother && authenticators.Count >= Authenticator.MostPerUser) return new EnrolmentOutcome.Full();
        if (choice is SetUpChoice.Replace(var chosen) && authenticators.All(one => one.Id != chosen)) return new EnrolmentOutcome.Changed();
        // Adding an authenticator is what a recovery is for; another person's, and a replacement, are on hold (docs/spec.md 11.3).
        var replaces = choice is SetUpChoice.Replace || (choice is null && await IsReplacingAsync(reading, person, targetId, cancel));
        if (somebodyElse || replaces) person.RequireNotHeld(reading.Now);
        if (await CheckProofAsync(person.UserId, targetId, replaces, cancel) is { } needed) return needed;

        await using var work = await units.BeginAsync(cancel);
        // The switch is held: no key is made while MFA is being switched off for everybody, and of two tabs that begin at once the second finds the
        // key of the first.
        if (!await work.Enrolments.HoldSwitchAsync(on: true, cancel)) return new EnrolmentOutcome.SwitchedOff();
        var found = await work.Query<PendingEnrolment>()
            .SingleOrDefaultAsync(p => p.SessionId == person.SessionId && p.UserId == targetId, cancel);
        if (found is not null)
        {
            _run = new(found.Id, targetId);
            var (ended, waiting) = Read(work, found, enrolment);
            if (waiting is not null && SetUpChoice.Fits(choice, found)) return Shown(waiting, found, resumed: true);
            if (ended is not null && choice is null && !afresh) return ended;
            await work.Enrolments.ConsumePendingAsync(found.Id, person.SessionId, cancel);
        }
        var key = AuthenticatorKey.Generate();
        var pending = await AddAsync(work, person, user, choice, key, cancel);
        await work.CommitAsync(cancel);
        _run = new(pending.Id, targetId);
        return Shown(key, pending, resumed: false);

        EnrolmentOutcome.Begun Shown(AuthenticatorKey shown, PendingEnrolment run, bool resumed) =>
            new(user.Name, run.Account, run.Issuer, shown.OtpauthUri(new(run.Issuer, run.Account)), shown.Groups,
                run.Replaces is not null, somebodyElse)
            {
                Resumed = resumed,
                Run = _run,
                Adds = run is { EnrolmentId: not null, Replaces: null },
                SuggestedName = SetUpChoice.SuggestName(authenticators, run.Replaces),
            };
    }

    /// <summary>
    /// Stores the authenticator if <paramref name="code"/> is its current code. State, audit event, mail and the end of other sessions are one
    /// commit.
    /// </summary>
    /// <param name="name">What the person calls it; nothing stands for "Authenticator app".</param>
    public async Task<EnrolmentOutcome> SaveAsync(string code, string? name = null, CancellationToken cancel = default)
    {
        if (_run is not { } run) return new EnrolmentOutcome.Ended();
        if (Authenticator.NameOf(string.IsNullOrWhiteSpace(name) ? Texts.Enrolment_DefaultName : name) is not { } named)
            return new EnrolmentOutcome.NameRefused();
        Caller.Person caller;
        bool replaces;
        await using (var reading = await units.ReadAsync(cancel))
        {
            caller = await currentCaller.RequirePersonEvenOverdueAsync(reading, cancel);
            if (await EndedAsync(reading, run, caller, cancel) is { } ended) return ended;
            replaces = await IsReplacingAsync(reading, caller, run.UserId, cancel);
        }
        // The proof is checked before the code, so that the code is still unused afterwards.
        if (await CheckProofAsync(caller.UserId, run.UserId, replaces, cancel) is { } needed) return needed;
        if (await CountAsync(run, caller, cancel) is { } spent) return spent;
        var (codes, isBusy) = await MakeCodesAsync(run, caller, code, cancel);
        if (isBusy) return new EnrolmentOutcome.Busy();

        await using var work = await units.BeginAsync(cancel);
        var person = await currentCaller.RequirePersonEvenOverdueAsync(work, cancel);
        if (await FindRefusalAsync(work, person, run.UserId, cancel) is { } refusal) return refusal;
        if (await FindAsync(work, run, person, cancel) is not { } pending) return await ExplainEndAsync(work, run, cancel);
        if (pending.UserId != person.UserId || pending.Replaces is not null) person.RequireNotHeld(work.Now);
        if (AuthenticatorKeys.OpenPending(work, pending) is not { } key) return Unreadable(pending);
        if (key.Match(code, work.Now) is not { } step) return await WrongAsync(work, pending, key, code, person, cancel);
        if (!await work.Enrolments.HoldSwitchAsync(on: true, cancel)) return new EnrolmentOutcome.SwitchedOff();
        var authenticator = await saving.MakeAsync(work, pending, named, key, step, person, cancel);
        var (set, rows) = codes?.For(run.UserId, person.SessionId, work.Now) ?? default;
        if (await saving.StoreAsync(work, pending, authenticator, person, cancel) is { } failed) return failed;
        if (set is not null) await AuthenticatorSaving.StoreAsync(work, set, rows, person, cancel);
        // Where the same key was enrolled by somebody else at this moment, its index refuses the commit.
        if (await work.TryCommitAsync(cancel) is not CommitOutcome.Committed) return new EnrolmentOutcome.Changed();
        _run = null;
        return new EnrolmentOutcome.Saved(set is null ? null : new(set.Id, pending.Account, codes!.Codes));
    }

    /// <summary>Erases the key, because the person leaves the wizard.</summary>
    public async Task CancelAsync(CancellationToken cancel = default)
    {
        if (_run is not { } run) return;
        _run = null;
        await using var work = await units.BeginAsync(cancel);
        var person = await currentCaller.RequirePersonEvenOverdueAsync(work, cancel);
        await work.Enrolments.ConsumePendingAsync(run.Id, person.SessionId, cancel);
        await work.CommitAsync(cancel);
    }

    /// <inheritdoc />
    public void Forget() => _run = null;

    /// <summary>Forgets <paramref name="run"/>, whose page is gone. If another page has begun its own run before that, its run goes on.</summary>
    public void Forget(EnrolmentRun? run)
    {
        if (ReferenceEquals(_run, run)) _run = null;
    }

    private static async Task<PendingEnrolment> AddAsync(
        UnitOfWork work, Caller.Person person, PortalUser user, SetUpChoice? choice, AuthenticatorKey key, CancellationToken cancel)
    {
        var label = OtpauthLabel.Of((await work.ReadSettingsAsync<GeneralSettings>(cancel)).CompanyName, user.UserName!);
        var pending = new PendingEnrolment
        {
            Id = Guid.CreateVersion7(work.Now),
            SessionId = person.SessionId,
            UserId = user.Id,
            Issuer = label.Issuer,
            Account = label.Account,
            EnrolmentId = EnrolmentOf(user),
            Replaces = (choice as SetUpChoice.Replace)?.AuthenticatorId,
            ExpiresAt = work.Now + Lifetime,
        };
        pending.ProtectedKey = AuthenticatorKeys.ProtectPending(work, pending, key);
        work.Add(pending);
        return pending;
    }

    /// <summary>The enrolment that the wizard adds to; null where it begins one, also in the place of one of which only a half is stored.</summary>
    private static Guid? EnrolmentOf(PortalUser user) => (user.Enrolment as SecondFactor.Due)?.EnrolmentId;

    private static Task<bool> IsWaitingAsync(UnitOfWork work, Caller.Person person, Guid targetId, CancellationToken cancel) =>
        work.Query<PendingEnrolment>().AnyAsync(p => p.SessionId == person.SessionId && p.UserId == targetId, cancel);

    private static Task<bool> IsReplacingAsync(UnitOfWork work, Caller.Person person, Guid targetId, CancellationToken cancel) =>
        work.Query<PendingEnrolment>().AnyAsync(p => p.SessionId == person.SessionId && p.UserId == targetId && p.Replaces != null, cancel);

    /// <summary>Reads the key of a run, or why the run is over.</summary>
    private (EnrolmentOutcome? Ended, AuthenticatorKey? Waiting) Read(UnitOfWork work, PendingEnrolment pending, Guid? enrolment)
    {
        if (Over(pending, work.Now) is { } over) return (over, null);
        if (pending.EnrolmentId != enrolment) return (new EnrolmentOutcome.Changed(), null);
        return AuthenticatorKeys.OpenPending(work, pending) is { } key ? (null, key) : (Unreadable(pending), null);
    }

    private static EnrolmentOutcome? Over(PendingEnrolment pending, DateTimeOffset now)
    {
        if (pending.Codes >= MostCodes) return new EnrolmentOutcome.TooManyWrongCodes();
        return pending.ExpiresAt <= now ? new EnrolmentOutcome.Expired() : null;
    }

    /// <summary>Finds a run of this session only.</summary>
    private static Task<PendingEnrolment?> FindAsync(UnitOfWork work, EnrolmentRun run, Caller.Person person, CancellationToken cancel) =>
        work.Query<PendingEnrolment>().SingleOrDefaultAsync(p => p.Id == run.Id && p.SessionId == person.SessionId, cancel);

    private static async Task<EnrolmentOutcome?> EndedAsync(UnitOfWork work, EnrolmentRun run, Caller.Person person, CancellationToken cancel) =>
        await FindAsync(work, run, person, cancel) is { } pending ? Over(pending, work.Now) : await ExplainEndAsync(work, run, cancel);

    private static async Task<EnrolmentOutcome> ExplainEndAsync(UnitOfWork work, EnrolmentRun run, CancellationToken cancel) =>
        await AuthenticatorSaving.IsSavedAsync(work, run.Id, cancel)
            ? new EnrolmentOutcome.AlreadySaved()
            : new EnrolmentOutcome.Ended();

    /// <summary>
    /// Makes recovery codes for whoever sets up their own MFA and has none saved, before the transaction that stores them: their hashes are slow.
    /// Only after a right code, so that a wrong one costs nothing.
    /// </summary>
    private async Task<(NewRecoveryCodes? Codes, bool IsBusy)> MakeCodesAsync(
        EnrolmentRun run, Caller.Person person, string code, CancellationToken cancel)
    {
        if (run.UserId != person.UserId) return default;
        await using (var reading = await units.ReadAsync(cancel))
        {
            if (await FindAsync(reading, run, person, cancel) is not { } pending
                || AuthenticatorKeys.OpenPending(reading, pending)?.Match(code, reading.Now) is null)
            {
                return default;
            }
            var adds = pending is { EnrolmentId: not null, Replaces: null };
            // Never after a recovery: whoever came in by one code must not leave with ten (docs/spec.md 11.1).
            if (adds && !person.ProvedByDigits) return default;
            if (adds && await reading.RecoveryCodes.FindSetAsync(person.UserId, cancel) is { SavedAt: not null }) return default;
        }
        var made = await saving.MakeCodesAsync(person, cancel);
        return (made, made is null);
    }

    /// <summary>Counts the code, and commits, before it is compared: neither parallel codes nor loading the page again get past the limit.</summary>
    private async Task<EnrolmentOutcome?> CountAsync(EnrolmentRun run, Caller.Person person, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        if (!await work.Enrolments.CountPendingCodeAsync(run.Id, person.SessionId, MostCodes, work.Now, cancel))
            return await EndedAsync(work, run, person, cancel) ?? new EnrolmentOutcome.Ended();
        await work.CommitAsync(cancel);
        return null;
    }

    private static async Task<EnrolmentOutcome> WrongAsync(
        UnitOfWork work, PendingEnrolment pending, AuthenticatorKey key, string code, Caller.Person person, CancellationToken cancel)
    {
        EnrolmentOutcome outcome = new EnrolmentOutcome.WrongCode();
        if (key.Drift(code, work.Now) is { } off)
        {
            outcome = new EnrolmentOutcome.ClockOff(off);
        }
        else
        {
            work.Record(new AuditEvent.WrongCode(pending.UserId, nameof(AskedAt.Wizard)), person);
            await work.CommitAsync(cancel);
        }
        return pending.Codes < MostCodes ? outcome : new EnrolmentOutcome.TooManyWrongCodes();
    }

    private async Task<EnrolmentOutcome?> FindRefusalAsync(UnitOfWork work, Caller.Person person, Guid targetId, CancellationToken cancel)
    {
        // The wizard is the way in for oneself. For somebody else it is an administrator's act like any other, which waits for the own MFA.
        if (targetId != person.UserId) await currentCaller.RequirePersonAsync(work, cancel);
        if (targetId != person.UserId && !person.IsSystemAdministrator)
        {
            currentCaller.NoteWithoutRight(person, nameof(MfaEnrolment));
            return new EnrolmentOutcome.NotAllowed();
        }
        return (await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled ? null : new EnrolmentOutcome.SwitchedOff();
    }

    private async Task<EnrolmentOutcome.StepUpNeeded?> CheckProofAsync(Guid personId, Guid targetId, bool replaces, CancellationToken cancel)
    {
        var act = personId != targetId ? StepUpFor.ActingAsAdministrator
            : replaces ? StepUpFor.ChangingOwnAuthenticator : StepUpFor.AddingOwnAuthenticator;
        return await stepUp.EvaluateNeedAsync(act, cancel) is var need and not StepUpNeed.Nothing ? new(act, need) : null;
    }

    private EnrolmentOutcome.Ended Unreadable(PendingEnrolment pending)
    {
        LogUnreadable(log, pending.UserId);
        return new();
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The key that waits in the enrolment wizard of user {User} cannot be opened with this node's key ring, "
            + "so the wizard asks to start again. Every node needs the same KeyRing:CertificatePath")]
    private static partial void LogUnreadable(ILogger log, Guid user);
}

/// <summary>
/// Identifies the run of the wizard that a page shows. Every action reads the key itself from the database again. Each page has its own instance,
/// even for the same key.
/// </summary>
public sealed class EnrolmentRun(Guid id, Guid userId)
{
    internal Guid Id => id;

    internal Guid UserId => userId;
}
