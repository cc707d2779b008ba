using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Limits wrong answers and bad links from one network, whatever account they are for (<c>Limits:SignInFailures</c>). Everybody behind one address
/// shares its row, so a transaction takes it after the account's row, never before: two that held them the other way round would deadlock.
/// </summary>
public sealed class NetworkLimit(UnitsOfWork units, IOptionsMonitor<SignInLimits> limits, Refusals refusals)
{
    /// <summary>Counts an attempt before it is checked, so that parallel guesses cannot outrun the limit.</summary>
    /// <returns>False if the limit is reached: then nothing may be checked.</returns>
    public async Task<bool> ReserveAsync(Caller by, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var counted = await CountAsync(work, by, cancel);
        await work.CommitAsync(cancel);
        if (!counted) await NoteRefusalAsync(by, cancel);
        return counted;
    }

    /// <summary>
    /// Counts an attempt in the transaction that counts it for the account, whose row is held already. After false the caller drops the transaction
    /// and calls <see cref="NoteRefusalAsync"/>.
    /// </summary>
    internal async Task<bool> CountAsync(UnitOfWork work, Caller by, CancellationToken cancel = default) =>
        await work.Addresses.ReserveAsync(KeyOf(by), limits.CurrentValue.SignInFailures, SignInLimits.SignInWindow, work.Now, cancel);

    /// <summary>Records that the limit is reached.</summary>
    internal async Task NoteRefusalAsync(Caller by, CancellationToken cancel = default)
    {
        var limit = limits.CurrentValue.SignInFailures;
        await using var work = await units.BeginAsync(cancel);
        // Recorded once per window: further refusals say nothing new and would fill the audit trail.
        if (await work.Addresses.NoteRefusalAsync(KeyOf(by), limit, cancel)) work.Record(new AuditEvent.AddressLimitReached(), by);
        await work.CommitAsync(cancel);
        refusals.Note(RefusalKind.SignInLimit, by, $"{limit} in a quarter of an hour (Limits:SignInFailures)");
    }

    /// <summary>Takes back one count, because the attempt turned out to be no failure.</summary>
    public async Task GiveBackAsync(Caller by, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        await GiveBackAsync(work, by, cancel);
        await work.CommitAsync(cancel);
    }

    /// <summary>Takes back one count in the transaction that allows what was asked, as its last statement.</summary>
    internal static Task GiveBackAsync(UnitOfWork work, Caller by, CancellationToken cancel) => work.Addresses.GiveBackAsync(KeyOf(by), cancel);

    private static string KeyOf(Caller by) => AddressCount.KeyOf("sign-in", by.Address);
}
