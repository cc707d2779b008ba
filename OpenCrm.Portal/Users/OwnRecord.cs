using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>How disabling one's own MFA ended: a closed set.</summary>
public abstract record DisableMfaOutcome
{
    private DisableMfaOutcome() { }

    public sealed record Done(int OtherSessionsEnded) : DisableMfaOutcome;

    /// <summary>MFA was off already.</summary>
    public sealed record OffAlready : DisableMfaOutcome;

    public sealed record StepUpNeeded(StepUpNeed Need) : DisableMfaOutcome;
}

/// <summary>Reads a person's own record, and disables their own MFA.</summary>
public sealed class OwnRecord(UnitsOfWork units, CurrentCaller currentCaller, MfaDisabling mfa, StepUp stepUp)
{
    /// <summary>Reads the caller's own record.</summary>
    public async Task<UserRecord> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var caller = await currentCaller.RequirePersonAsync(work, cancel);
        return (await UserRecord.ReadAsync(work, caller.UserId, caller.SessionId, cancel))!;
    }

    /// <summary>Disables one's own MFA (docs/spec.md 3.1), after a fresh proof.</summary>
    public async Task<DisableMfaOutcome> DisableMfaAsync(CancellationToken cancel = default)
    {
        await using (var reading = await units.ReadAsync(cancel))
            (await currentCaller.RequirePersonAsync(reading, cancel)).RequireNotHeld(reading.Now);
        if (await stepUp.EvaluateNeedAsync(StepUpFor.DisablingOwnMfa, cancel) is var need and not StepUpNeed.Nothing)
            return new DisableMfaOutcome.StepUpNeeded(need);
        await using var work = await units.BeginAsync(cancel);
        var caller = await currentCaller.RequirePersonAsync(work, cancel);
        caller.RequireNotHeld(work.Now);
        // The proof is checked in the transaction that acts; the question above only determines which fields to show.
        if (!caller.ProvedInPartRecently(work.Now)) return new DisableMfaOutcome.StepUpNeeded(new StepUpNeed.PasswordOrCode());
        if (!(await work.ReadSettingsAsync<SecuritySettings>(cancel)).MfaEnabled) return new DisableMfaOutcome.OffAlready();
        var others = await OpenSessions.CountOthersAsync(work, caller, cancel);
        if (!await mfa.DisableAsync(work, caller.UserId, MfaDisabledBy.User, caller, cancel)) return new DisableMfaOutcome.OffAlready();
        await work.CommitAsync(cancel);
        return new DisableMfaOutcome.Done(others);
    }
}
