using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Wrong answers and bad links from one network, whatever account they were for (<c>Limits:SignInFailures</c>). The network's row is changed in transactions of its own:
/// everybody behind one address shares it, and whoever held it while waiting for an account's row, or the other way round, would deadlock with the next one.
/// </summary>
public sealed class NetworkLimit(UnitsOfWork units, IOptionsMonitor<SignInLimits> limits, Refusals refusals)
{
    /// <summary>Counts before anything is looked at, so that guesses at once do not outrun the limit.</summary>
    /// <returns>False: it is reached, and nothing may be looked at.</returns>
    public async Task<bool> ReserveAsync(Caller by, CancellationToken cancel = default)
    {
        var (network, limit) = (KeyOf(by), limits.CurrentValue.SignInFailures);
        await using var work = await units.BeginAsync(cancel);
        var reserved = await work.Addresses.ReserveAsync(network, limit, SignInLimits.SignInWindow, work.Now, cancel);
        // Once in a window: what is refused after it tells nothing new, and would fill the trail.
        if (!reserved && await work.Addresses.NoteRefusalAsync(network, limit, cancel)) work.Record(new AuditEvent.AddressLimitReached(), by);
        await work.CommitAsync(cancel);
        if (!reserved) refusals.Note(RefusalKind.SignInLimit, by, $"{limit} in a quarter of an hour (Limits:SignInFailures)");
        return reserved;
    }

    /// <summary>Takes one back: what was counted turned out to be no failure.</summary>
    public async Task GiveBackAsync(Caller by, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        await work.Addresses.GiveBackAsync(KeyOf(by), cancel);
        await work.CommitAsync(cancel);
    }

    private static string KeyOf(Caller by) => AddressCount.KeyOf("sign-in", by.Address);
}
