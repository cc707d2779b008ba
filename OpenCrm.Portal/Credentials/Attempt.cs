using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// One try of a password or a code. It counts as wrong from the moment it is reserved, so an attempt that is dropped half-way stays counted.
/// <code>
///   reserve ─────────────► check ───────────────► settle ──────────────► the caller's lines ──► commit
///   counted, committed      compared; row not held  row held,               what a right answer     one commit
///      │                       │                    attempt given back      allows
///      ▼                       ▼                       ▼
///   refused: too many,      refused: wrong (maybe   refused: locked or
///   locked, busy            locked by it), busy     changed meanwhile
/// </code>
/// </summary>
/// <remarks>
/// No row is held while a slow hash is compared: holding an account's row for a tenth of a second would make everybody who tries that account wait in
/// line.
/// </remarks>
public sealed class Attempt : IAsyncDisposable
{
    private readonly UnitsOfWork _units;
    private readonly NetworkLimit _network;
    private readonly Lockout _lockout;
    private readonly PasswordHashing _hashing;
    private readonly DeviceAtHand _device;
    private readonly RecoveryCodes _recoveryCodes;
    private readonly Target _target;
    private readonly AskedAt _at;
    private readonly Caller _by;

    private Stage _stage = Stage.Asked;
    private IAttemptCounter? _counter;
    private SecuritySettings? _settings;
    private bool _onlyReadsAsOpen;
    private Refusal? _refusal;
    private UnitOfWork? _work;
    private PortalUser? _user;
    private bool _networkCounted;
    private DateTimeOffset? _deviceSetUpAt;

    internal Attempt(
        UnitsOfWork units, NetworkLimit network, Lockout lockout, PasswordHashing hashing, DeviceAtHand device, RecoveryCodes recoveryCodes,
        Target target, AskedAt at, Caller by)
    {
        (_units, _network, _lockout, _hashing, _device, _recoveryCodes) = (units, network, lockout, hashing, device, recoveryCodes);
        (_target, _at, _by) = (target, at, by);
    }

    /// <summary>The security settings as they were when the attempt was reserved.</summary>
    public SecuritySettings Settings => _settings ?? throw new InvalidOperationException("Nothing was reserved.");

    /// <summary>The transaction that holds the user's row. What a right answer allows is done and committed in it.</summary>
    public UnitOfWork Work =>
        _stage is Stage.Settled ? _work! : throw new InvalidOperationException("Only a settled attempt has something to commit.");

    /// <summary>What took the place of six digits in the answer that was right; null = nothing did.</summary>
    public RecoveryKind? RecoveredBy { get; private set; }

    /// <summary>The user as read from the held row.</summary>
    public PortalUser User => _user ?? throw new InvalidOperationException("Only a settled attempt has a user.");

    /// <summary>
    /// Compares a password. Null means that it is right and that <see cref="SettleAsync"/> comes next; a refusal is committed already.
    /// </summary>
    public async Task<Refusal?> CheckPasswordAsync(string password, CancellationToken cancel = default)
    {
        if (_refusal is { } refused)
        {
            // The refusal takes as long as a comparison: a faster answer would show that the account is locked.
            if (_target.TellsNobodyApart && refused is Refusal.LockedOut) await _hashing.CheckAsync(null, password, _by, cancel);
            return refused;
        }
        var user = _counter as PortalUser;
        var hash = user is null || _onlyReadsAsOpen || !_target.Means(user) ? null : user.PasswordHash;
        PasswordCheck? result;
        try
        {
            result = await _hashing.CheckAsync(hash, password, _by, cancel);
        }
        catch (OperationCanceledException)
        {
            // The person went while waiting: nothing was checked.
            await RefuseUnlookedAsync();
            throw;
        }
        if (result is null) return await RefuseUnlookedAsync();
        // From here on nothing is cancelled: the answer is known, and counts whether or not somebody still waits for it.
        cancel = CancellationToken.None;
        _work = await _units.BeginAsync(cancel);
        if (user is null) return await RefuseWrongAsync(new AuditEvent.UnknownName(), cancel);
        if (!result.IsRight) return await RefuseWrongAsync(new AuditEvent.WrongPassword(user.Id, _at.ToString()), cancel);
        if (result.Upgraded is { } upgraded) await _work.Users.UpgradeHashAsync(user, upgraded, cancel);
        if (user.State == AccountState.Locked) return await RefuseLockedByAdministratorAsync(user, cancel);
        _stage = Stage.Right;
        return null;
    }

    /// <summary>
    /// Compares a code with those of all the person's authenticators and uses up its time step, once for all purposes; a temporary code stands in for
    /// the six digits (docs/spec.md 11.5). Null means that it is right and that <see cref="SettleAsync"/> comes next; a refusal is committed already.
    /// </summary>
    public async Task<Refusal?> CheckCodeAsync(string code, CancellationToken cancel = default)
    {
        if (_refusal is { } refused) return refused;
        if (_target.TypedRecoveryCode is { } recoveryCode) return await CheckRecoveryCodeAsync(recoveryCode, cancel);
        var (user, work) = ((PortalUser)_counter!, _work!);
        if (_target.TypedTemporaryCode is { } temporary)
        {
            if (!await TemporaryCodes.UseAsync(work, user.Id, temporary, cancel))
                return await RefuseWrongAsync(new AuditEvent.WrongTemporaryCode(user.Id, _at.ToString()), cancel);
            (_stage, RecoveredBy) = (Stage.Right, RecoveryKind.TemporaryCode);
            return null;
        }
        var keys = await AuthenticatorKeys.ReadAsync(work, user, cancel);
        if (keys.Readable.Count == 0)
        {
            // The row is held only now: the enrolment may have ended since the account was read.
            if ((await work.Users.FindAsync(user.Id, cancel))?.EnrolmentId != user.EnrolmentId) return Refuse(new Refusal.Changed());
            await work.Attempts.GiveBackAsync(user, work.Now, cancel);
            return await RefuseUnreadableAsync(user, keys.Why ?? UnreadableBecause.KeyMissing, cancel);
        }
        var matches = keys.Match(code, work.Now);
        foreach (var (authenticator, step) in matches)
        {
            if (!await work.Enrolments.ConsumeStepAsync(user, authenticator.Id, step, work.Now, cancel)) continue;
            (_stage, _deviceSetUpAt) = (Stage.Right, authenticator.SetUpAt);
            return null;
        }
        // It may have been the code of the one that cannot be read.
        if (matches.Count == 0 && keys.Why is { } why) await work.NoteUnreadableAsync(user, why, _by, cancel);
        return await RefuseWrongAsync(
            matches.Count == 0 ? new AuditEvent.WrongCode(user.Id, _at.ToString()) : new AuditEvent.ReusedCode(user.Id, _at.ToString()), cancel);
    }

    /// <summary>
    /// Compares a recovery code with all of the person's by one slow hash, and uses it up. What follows from its use is in the same transaction.
    /// </summary>
    private async Task<Refusal?> CheckRecoveryCodeAsync(string code, CancellationToken cancel)
    {
        var user = (PortalUser)_counter!;
        RecoveryCodeCheck? result;
        try
        {
            result = await _recoveryCodes.CheckAsync(user.Id, code, _by, cancel);
        }
        catch (OperationCanceledException)
        {
            // The person went while waiting: nothing was compared.
            await RefuseUnlookedAsync();
            throw;
        }
        if (result is null) return await RefuseUnlookedAsync();
        // From here on nothing is cancelled: the answer is known, and counts whether or not somebody still waits for it.
        cancel = CancellationToken.None;
        _work = await _units.BeginAsync(cancel);
        // Held before the code's row, in the order in which MFA is disabled. The enrolment may have ended during the hash.
        if (await _work.Users.HoldAsync(user.Id, cancel) is not { } held || held.EnrolmentId != user.EnrolmentId)
            return Refuse(new Refusal.Changed());
        if (!await RecoveryCodes.UseAsync(_work, held, result, _at, _by, cancel))
            return await RefuseWrongAsync(new AuditEvent.WrongRecoveryCode(user.Id, _at.ToString()), cancel);
        (_stage, RecoveredBy) = (Stage.Right, RecoveryKind.RecoveryCode);
        return null;
    }

    /// <summary>
    /// After a right answer: holds the user's row and gives the attempt back, so that <see cref="Work"/> can go on from there. Nothing is committed
    /// yet. Refuses if the account was locked or changed during the check; then the attempt stays counted.
    /// </summary>
    public async Task<Refusal?> SettleAsync(CancellationToken cancel = default)
    {
        if (_stage is not Stage.Right) throw new InvalidOperationException("Only a right answer is settled.");
        var (work, checkedUser) = (_work!, (PortalUser)_counter!);
        if (await work.Attempts.GiveBackAsync(checkedUser, work.Now, cancel) is not { } held)
        {
            var now = await work.Attempts.ReadAsync(checkedUser, cancel);
            return Refuse(now.LockoutEnd > work.Now ? Lockout.Describe(now, Settings, work.Now) : new Refusal.Changed());
        }
        if (held.SecurityStamp != checkedUser.SecurityStamp || held.State != AccountState.Active) return Refuse(new Refusal.Changed());
        // Only with what the right answer allows; asked at the commit, because the caller may still refuse.
        work.BeforeCommit(async last => { if (_stage is Stage.Settled) await NetworkLimit.GiveBackAsync(work, _by, last); });
        (_user, _stage) = (held, Stage.Settled);
        if (RecoveredBy is { } recovery) await _device.NoteMissingAsync(work, held, recovery, _at, _by, cancel);
        if (_deviceSetUpAt is { } setUpAt) await _device.NoteAsync(work, held, setUpAt, _by, cancel);
        return null;
    }

    /// <summary>Refuses a right password because the second factor cannot be checked, notifies the operator, and commits.</summary>
    public Task<Refusal> RefuseUnreadableAsync(UnreadableBecause why, CancellationToken cancel = default) => RefuseUnreadableAsync(User, why, cancel);

    /// <summary>
    /// Refuses a right answer because the account no longer allows what was asked. Nothing is committed, so the attempt stays counted for the
    /// account; for the network it is no failure.
    /// </summary>
    public Refusal RefuseChanged() => Refuse(new Refusal.Changed());

    /// <summary>
    /// Ends the transaction. The network gets its count back unless the answer was a failure: with the commit if it was right, here if it was not
    /// checked, or if the account changed meanwhile.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_work is not null) await _work.DisposeAsync();
        if (_networkCounted && _stage is Stage.Refused && IsNoFailure(_refusal!)) await _network.GiveBackAsync(_by);
    }

    /// <param name="work">The open transaction that counts the attempt; null if that is committed.</param>
    /// <param name="networkCounted">Whether the network's count was committed before <paramref name="work"/> began.</param>
    internal Attempt Reserved(IAttemptCounter counter, SecuritySettings settings, bool onlyReadsAsOpen, UnitOfWork? work, bool networkCounted)
    {
        (_stage, _counter, _settings, _onlyReadsAsOpen) = (Stage.Reserved, counter, settings, onlyReadsAsOpen);
        (_work, _networkCounted) = (work, networkCounted || work is null);
        return this;
    }

    internal Attempt Refused(Refusal why)
    {
        _networkCounted = true;
        Refuse(why);
        return this;
    }

    /// <summary>Marks the attempt as refused by the network's limit, which did not count it, so that nothing is given back.</summary>
    internal Attempt RefusedUncounted(Refusal why)
    {
        (_stage, _refusal) = (Stage.Uncounted, why);
        return this;
    }

    private Refusal Refuse(Refusal why)
    {
        (_stage, _refusal) = (Stage.Refused, why);
        return why;
    }

    private async Task<Refusal> RefuseUnlookedAsync()
    {
        await using var work = await _units.BeginAsync();
        await work.Attempts.GiveBackUnlookedAsync(_counter!, work.Now);
        await work.CommitAsync();
        return Refuse(new Refusal.Busy());
    }

    private async Task<Refusal> RefuseWrongAsync(AuditEvent wrong, CancellationToken cancel)
    {
        var refusal = await _lockout.NoteWrongAnswerAsync(_work!, _counter!, Settings, wrong, _by, cancel);
        // The last administrator's real lock may end before the end that pages show (docs/spec.md 5.5). Until the shown end a wrong answer still
        // reads "locked", as on every account: only the right password shows the difference.
        var toldAsLocked = _target.TellsNobodyApart && refusal is Refusal.Wrong && _counter!.LockTold > _work!.Now;
        return Refuse(toldAsLocked ? Lockout.Describe(_counter!, Settings, _work!.Now) : refusal);
    }

    private async Task<Refusal> RefuseLockedByAdministratorAsync(PortalUser user, CancellationToken cancel)
    {
        await _work!.Attempts.GiveBackAsync(user, _work.Now, cancel);
        _work.Record(new AuditEvent.LockedAccountTried(user.Id), _by);
        await _work.CommitAsync(cancel);
        return Refuse(new Refusal.LockedByAdministrator());
    }

    private async Task<Refusal> RefuseUnreadableAsync(PortalUser user, UnreadableBecause why, CancellationToken cancel)
    {
        var work = _work!;
        var refusal = Refuse(new Refusal.Unreadable());
        await work.NoteUnreadableAsync(user, why, _by, cancel);
        await work.CommitAsync(cancel);
        return refusal;
    }

    /// <summary>
    /// A right password on a locked account, or on one whose authenticator cannot be read, is no guess. It stays counted for the network all the
    /// same: otherwise probing such accounts would be free.
    /// </summary>
    private static bool IsNoFailure(Refusal refusal) => refusal is Refusal.Busy or Refusal.Changed;

    private enum Stage
    {
        Asked,
        Reserved,
        Right,
        Settled,
        Refused,
        Uncounted,
    }
}
