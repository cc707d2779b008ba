using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>Checks and uses up recovery codes for the verifier (docs/spec.md 11.2).</summary>
public sealed class RecoveryCodes(UnitsOfWork units, RecoveryCodeHashing hashing)
{
    /// <summary>Compares a code with the person's, while no row is held: the hash takes too long for that.</summary>
    /// <returns>Null if too many others are waiting and it was not compared.</returns>
    internal async Task<RecoveryCodeCheck?> CheckAsync(Guid userId, string code, Caller by, CancellationToken cancel)
    {
        (RecoveryCodeSet Set, IReadOnlyList<RecoveryCode> Codes)? stored;
        await using (var work = await units.ReadAsync(cancel)) stored = await work.RecoveryCodes.FindAsync(userId, cancel);
        return await hashing.CheckAsync(stored, code, by, cancel);
    }

    /// <summary>Uses up the code that was typed, in the transaction of what it allows. The caller holds the user's row.</summary>
    /// <returns>False if it is none of the person's, was used before, or its set has ended.</returns>
    internal static async Task<bool> UseAsync(
        UnitOfWork work, PortalUser user, RecoveryCodeCheck check, AskedAt at, Caller by, CancellationToken cancel)
    {
        if (check.Match is not { } code || !await work.RecoveryCodes.ConsumeAsync(user.Id, code, work.Now, cancel)) return false;
        await StandInUse.NoteRecoveryCodeAsync(work, user, await work.RecoveryCodes.CountLeftAsync(user.Id, cancel), at, by, cancel);
        return true;
    }
}
