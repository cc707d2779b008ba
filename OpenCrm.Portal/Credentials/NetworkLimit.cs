using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Limits wrong answers and bad links from one network, whatever account they are for (<c>Limits:SignInFailures</c>). The network's row is changed in
/// transactions of its own. Everybody behind one address shares that row: a transaction that held it while waiting for an account's row would
/// deadlock with one that holds them the other way round.
/// </summary>
public sealed class NetworkLimit(UnitsOfWork units, IOptionsMonitor<SignInLimits> limits, Refusals refusals)
{
    /// <summary>Counts an attempt before it is checked, so that parallel guesses cannot outrun the limit.</summary>
    /// <returns>False if the limit is reached: then nothing may be checked.</returns>
    public async Task<bool> ReserveAsync(Caller by, CancellationToken cancel = default)
    {
        var (network, limit) = (KeyOf(by), limits.CurrentValue.SignInFailures);
        await using var work = await units.BeginAsync(cancel);
        var reserved = await work.Addresses.ReserveAsync(network, limit, SignInLimits.SignInWindow, work.Now, cancel);
        // Recorded once per window: further refusals say nothing new and would fill the audit trail.
        if (!reserved && await work.Addresses.NoteRefusalAsync(network, limit, cancel)) work.Record(new AuditEvent.AddressLimitReached(), by);
        await work.CommitAsync(cancel);
        if (!reserved) refusals.Note(RefusalKind.SignInLimit, by, $"{limit} in a quarter of an hour (Limits:SignInFailures)");
        return reserved;
    }

    /// <summary>Takes back one count, because the attempt turned out to be no failure.</summary>
    public async Task GiveBackAsync(Caller by, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        await work.Addresses.GiveBackAsync(KeyOf(by), cancel);
        await work.CommitAsync(cancel);
    }

    private static string KeyOf(Caller by) => AddressCount.KeyOf("sign-in", by.Address);
}
