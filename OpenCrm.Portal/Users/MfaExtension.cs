using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>How extending a deadline ended: a closed set.</summary>
public abstract record ExtensionOutcome
{
    private ExtensionOutcome() { }

    public sealed record Done : ExtensionOutcome;

    /// <summary>Nothing was changed: the date is not later than the present deadline, or further away than <see cref="MfaRule.MostDays"/>.</summary>
    public sealed record DateRefused : ExtensionOutcome;

    /// <summary>Nothing was changed: the reason is missing, longer than a line, or holds characters that cannot be stored.</summary>
    public sealed record ReasonRefused : ExtensionOutcome;

    /// <summary>Nothing was changed: nobody extends the own deadline.</summary>
    public sealed record OwnAccount : ExtensionOutcome;

    /// <summary>Nothing was changed: the person has no deadline any more.</summary>
    public sealed record NothingDue : ExtensionOutcome;

    /// <summary>Nothing was changed: a fresh proof is needed first.</summary>
    public sealed record StepUpNeeded : ExtensionOutcome;

    public sealed record NoSuchUser : ExtensionOutcome;
}

/// <summary>Extends one person's deadline for setting up MFA (docs/spec.md 12.1).</summary>
public sealed class MfaExtension(UnitsOfWork units, CurrentCaller currentCaller, SessionEnding sessions)
{
    public const int ReasonLength = 200;

    /// <summary>Moves the deadline to a later time, for a system administrator with a fresh proof. The person gets a mail with the reason.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<ExtensionOutcome> ExtendAsync(Guid userId, DateTimeOffset until, string reason, CancellationToken cancel = default)
    {
        var why = reason.Trim();
        await using var work = await units.BeginAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        if (await work.Users.HoldAsync(userId, cancel) is not { } user) return new ExtensionOutcome.NoSuchUser();
        // Read again after the wait for the row: an administrator who lost the role meanwhile must not act.
        var by = await currentCaller.RequireAdministratorAsync(work, cancel);
        if (user.Id == by.UserId) return new ExtensionOutcome.OwnAccount();
        if (why.Length is 0 or > ReasonLength || !IncomingText.IsLine(why)) return new ExtensionOutcome.ReasonRefused();
        var duty = await work.Duties.FindAsync(user, await work.ReadSettingsAsync<SecuritySettings>(cancel), cancel);
        if (duty.DueAt is not { } old) return new ExtensionOutcome.NothingDue();
        if (until <= old || until <= work.Now || until > work.Now.AddDays(MfaRule.MostDays)) return new ExtensionOutcome.DateRefused();
        if (!by.ProvedRecently(work.Now)) return new ExtensionOutcome.StepUpNeeded();
        // Another administrator may have been quicker with a later date.
        if (!await work.Duties.ExtendAsync(user.Id, until, cancel)) return new ExtensionOutcome.DateRefused();
        work.Record(new AuditEvent.MfaDeadlineExtended(user.Id, old, until, why), by);
        if (user.Email is not null) work.Queue(new MailDraft.MfaDeadlineExtended(user, until, why, by));
        // Open pages that say that MFA has to be set up first go on.
        await sessions.EvaluateAgainAsync(work, user.Id, cancel);
        await work.CommitAsync(cancel);
        return new ExtensionOutcome.Done();
    }
}
