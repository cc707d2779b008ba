using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>How making recovery codes ended: a closed set.</summary>
public abstract record RecoveryCodesOutcome
{
    private RecoveryCodesOutcome() { }

    /// <summary>The codes are stored as hashes, and older ones have ended.</summary>
    /// <param name="Codes">Shown once. Secrets.</param>
    public sealed record Made(Guid SetId, string Username, IReadOnlyList<string> Codes) : RecoveryCodesOutcome
    {
        /// <summary>Leaves out the codes: a record prints all its properties, and so they would reach any log that prints the record.</summary>
        public override string ToString() => nameof(Made);
    }

    /// <summary>Nothing was made: the person has saved codes, or has seen some in this session, or did not prove six digits.</summary>
    public sealed record NotDue : RecoveryCodesOutcome;

    /// <summary>Nothing was made: password or code were refused, or one of them is missing.</summary>
    public sealed record NotProved(StepUpOutcome Proof) : RecoveryCodesOutcome;

    /// <summary>Nothing was made: the person is not enrolled, or MFA is switched off.</summary>
    public sealed record NotEnrolled : RecoveryCodesOutcome;

    /// <summary>Nothing was made: too many passwords are being checked at this moment.</summary>
    public sealed record Busy : RecoveryCodesOutcome;
}

/// <summary>Makes a person's own recovery codes, and notes that the person has saved them (docs/spec.md 11.1).</summary>
public sealed class OwnRecoveryCodes(UnitsOfWork units, CurrentCaller currentCaller, StepUp stepUp, RecoveryCodeHashing hashing)
{
    /// <summary>Whether the page is to show fresh codes: after a sign-in with six digits, until the person has ticked that they are saved.</summary>
    public async Task<bool> IsDueAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var person = await currentCaller.RequirePersonAsync(work, cancel);
        // Asked first, because it costs nothing: most pages are opened long after the sign-in.
        return IsJustSignedIn(person, work.Now) && await IsDueAsync(work, person, cancel);
    }

    /// <summary>
    /// Makes the codes that <see cref="IsDueAsync(CancellationToken)"/> says are due. Whoever never saved the ones before loses nothing.
    /// </summary>
    public async Task<RecoveryCodesOutcome> MakeDueAsync(CancellationToken cancel = default) =>
        await IsDueAsync(cancel) ? await MakeAsync(onWish: false, cancel) : new RecoveryCodesOutcome.NotDue();

    /// <summary>
    /// Makes new codes on the person's own wish and ends the old ones. Six digits are asked for however recent the last proof is: it may have been
    /// one of the old codes.
    /// </summary>
    public async Task<RecoveryCodesOutcome> MakeNewAsync(string? password, string? digits, CancellationToken cancel = default)
    {
        var proof = await stepUp.ProveAsync(StepUpFor.MakingRecoveryCodes, password, digits, cancel);
        return proof is StepUpOutcome.Proved
            ? await MakeAsync(onWish: true, cancel)
            : new RecoveryCodesOutcome.NotProved(proof);
    }

    /// <summary>Notes that the person has saved the codes of a set. One that has ended meanwhile changes nothing.</summary>
    public async Task NoteSavedAsync(Guid setId, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var person = await currentCaller.RequirePersonAsync(work, cancel);
        if (!await work.RecoveryCodes.NoteSavedAsync(person.UserId, setId, work.Now, cancel)) return;
        work.Record(new AuditEvent.RecoveryCodesSaved(person.UserId), person);
        await work.CommitAsync(cancel);
    }

    /// <param name="onWish">Whether the person asked for them and proved six digits; otherwise they must be due.</param>
    private async Task<RecoveryCodesOutcome> MakeAsync(bool onWish, CancellationToken cancel)
    {
        Caller.Person by;
        await using (var reading = await units.ReadAsync(cancel)) by = await currentCaller.RequirePersonAsync(reading, cancel);
        if (await hashing.MakeAsync(by, cancel) is not { } made) return new RecoveryCodesOutcome.Busy();
        await using var work = await units.BeginAsync(cancel);
        var user = (await work.Users.HoldAsync(by.UserId, cancel))!;
        var person = await currentCaller.RequirePersonAsync(work, cancel);
        // Asked again in the transaction that stores them: of two tabs that show them at once, one does.
        var may = onWish ? person.ProvedRecently(work.Now) : IsJustSignedIn(person, work.Now) && await IsDueAsync(work, person, cancel);
        if (!may) return new RecoveryCodesOutcome.NotDue();
        if (user.SecondFactor(await work.ReadSettingsAsync<SecuritySettings>(cancel)) is not SecondFactor.Due)
            return new RecoveryCodesOutcome.NotEnrolled();
        var (set, codes) = made.For(user.Id, person.SessionId, work.Now);
        await work.RecoveryCodes.ReplaceAsync(set, codes, cancel);
        work.Record(new AuditEvent.RecoveryCodesMade(user.Id), person);
        work.Queue(new MailDraft.RecoveryCodesMade(user, person.Address, work.Now));
        await work.CommitAsync(cancel);
        return new RecoveryCodesOutcome.Made(set.Id, user.UserName!, made.Codes);
    }

    private static bool IsJustSignedIn(Caller.Person person, DateTimeOffset now) => person.ProvedByDigits && person.ProvedRecently(now);

    private static async Task<bool> IsDueAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel) =>
        (await work.Users.FindAsync(person.UserId, cancel))?.SecondFactor(await work.ReadSettingsAsync<SecuritySettings>(cancel)) is SecondFactor.Due
        && (await work.RecoveryCodes.FindSetAsync(person.UserId, cancel) is not { } set
            || (set.SavedAt is null && set.MadeInSessionId != person.SessionId));
}
