using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Enrolment;

/// <summary>
/// Stores what the wizard has made once its first code was right. The wizard's service has checked the caller, the proof and the code.
/// </summary>
public sealed class AuthenticatorSaving(SessionEnding sessions, KeyFingerprints fingerprints, RecoveryCodeHashing recoveryCodes)
{
    /// <summary>Makes the authenticator of a run, from the key whose code of <paramref name="step"/> was typed.</summary>
    public async Task<Authenticator> MakeAsync(
        UnitOfWork work, PendingEnrolment pending, string name, AuthenticatorKey key, long step, Caller.Person person, CancellationToken cancel) =>
        new()
        {
            Id = pending.Id,
            UserId = pending.UserId,
            Name = name,
            ProtectedKey = AuthenticatorKeys.Protect(work, pending.UserId, key),
            KeyFingerprint = await fingerprints.ComputeAsync(work, key, cancel),
            // The code of Save is used up (docs/spec.md 1.4).
            LastStep = step,
            LastUsedAt = work.Now,
            SetUpAt = work.Now,
            SetUpById = person.UserId,
        };

    /// <summary>
    /// Adds the authenticator, and with it, in the caller's commit, the event, the mail, and the end of the person's other sessions.
    /// </summary>
    /// <returns>Why nothing may be committed; null if it is stored.</returns>
    public async Task<EnrolmentOutcome?> StoreAsync(
        UnitOfWork work, PendingEnrolment pending, Authenticator authenticator, Caller.Person person, CancellationToken cancel)
    {
        if (await work.Users.FindAsync(pending.UserId, cancel) is not { } user) return new EnrolmentOutcome.NoSuchUser();
        switch (await work.Enrolments.EnrolAsync(user, authenticator, pending, work.Now, cancel))
        {
            case EnrolOutcome.Full:
                return new EnrolmentOutcome.Full();
            case EnrolOutcome.Changed:
                return await ExplainRefusalAsync(work, pending, person, cancel);
        }
        var own = user.Id == person.UserId;
        // From now on a session proved by the password alone opens nothing for this user. This session has just proved a code, so it stays.
        if (own && !await SessionProofs.RaiseAsync(work, person, cancel)) throw new AccessRefusedException("The session ended.");
        // Rows are locked in the order user, session, key, as by everything that ends a session. Of two tabs that save at once only one goes on.
        if (!await work.Enrolments.ConsumePendingAsync(pending.Id, person.SessionId, cancel)) return new EnrolmentOutcome.Ended();
        if (pending is { EnrolmentId: not null, Replaces: null })
        {
            work.Record(new AuditEvent.AuthenticatorAdded(user.Id, authenticator.Name), person);
            work.Queue(new MailDraft.AuthenticatorAdded(user, authenticator.Name, person, work.Now));
        }
        else
        {
            var replaced = pending.Replaces is not null;
            work.Record(new AuditEvent.MfaSetUp(user.Id, replaced), person);
            work.Queue(new MailDraft.MfaSetUp(user, replaced, person, work.Now));
        }
        await MfaRemovals.EndAsync(work, user, MfaRemovalEnd.Enrolment, person, cancel);
        await sessions.EndAsync(work, user.Id, SessionEnd.MfaChanged, person, except: own ? person.SessionId : null, cancel);
        // Pages that said that MFA has to be set up first go on.
        await sessions.EvaluateAgainAsync(work, user.Id, cancel);
        return null;
    }

    /// <summary>Makes recovery codes and their hashes.</summary>
    /// <returns>Null if too many others are waiting for a hash.</returns>
    public Task<NewRecoveryCodes?> MakeCodesAsync(Caller.Person person, CancellationToken cancel) => recoveryCodes.MakeAsync(person, cancel);

    /// <summary>Stores recovery codes in the transaction that stores the authenticator, and ends older ones.</summary>
    public static async Task StoreAsync(
        UnitOfWork work, RecoveryCodeSet set, IReadOnlyList<RecoveryCode> codes, Caller.Person person, CancellationToken cancel)
    {
        await work.RecoveryCodes.ReplaceAsync(set, codes, cancel);
        work.Record(new AuditEvent.RecoveryCodesMade(set.UserId), person);
    }

    /// <summary>Whether the key of a run became an authenticator.</summary>
    public static Task<bool> IsSavedAsync(UnitOfWork work, Guid runId, CancellationToken cancel) =>
        work.Query<Authenticator>().AnyAsync(one => one.Id == runId, cancel);

    /// <summary>Explains the refusal by the row as it is now: what was read earlier may have been changed by another tab.</summary>
    private static async Task<EnrolmentOutcome> ExplainRefusalAsync(
        UnitOfWork work, PendingEnrolment pending, Caller.Person person, CancellationToken cancel)
    {
        if (await work.Users.FindAsync(pending.UserId, cancel) is not { } user) return new EnrolmentOutcome.NoSuchUser();
        if (await IsSavedAsync(work, pending.Id, cancel)) return new EnrolmentOutcome.AlreadySaved();
        if (user.StatusAt(work.Now) is not AccountStatus.Active) return new EnrolmentOutcome.NotActive(user.Name);
        return user.Id != person.UserId && pending.EnrolmentId is null && user.Enrolment is not SecondFactor.None
            ? new EnrolmentOutcome.AlreadyEnrolled(user.Name)
            : new EnrolmentOutcome.Changed();
    }
}
