using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Knows which kinds of hashes the database holds besides the current one. While one is left, every check of a password, also for a name that nobody
/// has, costs its time too: otherwise the time would show whose hash is an earlier one, and so that the account exists (docs/spec.md 1.6).
/// </summary>
public sealed partial class EarlierHashes(UnitsOfWork units, Argon2Cost cost, TimeProvider time, ILogger<EarlierHashes> log)
{
    /// <summary>Other nodes replace hashes too.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromHours(1);

    /// <summary>More kinds than any history of settings makes; each costs its time at every check.</summary>
    private const int Most = 8;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _unknown = [];
    private long? _lookedAt;
    private bool _replaced;

    /// <summary>The kind of new hashes.</summary>
    public string Current { get; } = Argon2.KindOf(cost);

    /// <summary>
    /// The kinds that a check must cost besides <see cref="Current"/>. Until the database was asked, the one of earlier versions is assumed to be
    /// there.
    /// </summary>
    internal IReadOnlyList<string> Kinds { get; private set; } = [HashKinds.Earlier];

    /// <summary>Asks the database, if it may have changed since it was asked.</summary>
    internal async Task RefreshAsync(CancellationToken cancel = default)
    {
        lock (_gate)
        {
            if (_lookedAt is { } at && !_replaced && time.GetElapsedTime(at) < LookAgain) return;
            _replaced = false;
        }
        List<string> found;
        await using (var work = await units.ReadAsync(cancel))
        {
            found = await work.Query<PortalUser>().Where(u => u.PasswordHash != null)
                .Select(u => EF.Functions.Like(u.PasswordHash!, "$%") && u.PasswordHash!.Length > Argon2.TailLength
                    ? u.PasswordHash.Substring(0, u.PasswordHash.Length - Argon2.TailLength)
                    : u.PasswordHash!.Substring(0, HashKinds.EarlierLength))
                .Distinct().Take(Most + 1).ToListAsync(cancel);
        }
        foreach (var kind in found.Where(kind => !HashKinds.IsKnown(kind))) NoteUnknown(kind);
        lock (_gate)
        {
            Kinds = [.. found.Where(kind => kind != Current && HashKinds.IsKnown(kind)).Order(StringComparer.Ordinal).Take(Most)];
            _lookedAt = time.GetTimestamp();
        }
    }

    /// <summary>Notes the kind of a hash that is about to be checked: from now on every check costs its time.</summary>
    internal void Note(string kind)
    {
        if (!HashKinds.IsKnown(kind))
        {
            NoteUnknown(kind);
            return;
        }
        lock (_gate)
        {
            if (kind == Current || Kinds.Contains(kind) || Kinds.Count >= Most) return;
            Kinds = [.. Kinds, kind];
        }
    }

    /// <summary>Notes that a hash was replaced by a current one: it may have been the last of its kind.</summary>
    internal void NoteReplaced()
    {
        lock (_gate) _replaced = true;
    }

    private void NoteUnknown(string kind)
    {
        lock (_gate)
            if (_unknown.Count >= Most || !_unknown.Add(kind)) return;
        // Up to the second $ or a few characters: names the algorithm and holds nothing of a hash.
        LogUnknown(kind.StartsWith('$') ? string.Join('$', kind.Split('$').Take(2)) : "neither a PHC string nor PBKDF2 of ASP.NET Core Identity");
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The database holds password hashes of a form that this portal cannot check ({Form}); their owners cannot sign in. "
            + "Accepted are $argon2id$v=19$ with p=1 and PBKDF2 of ASP.NET Core Identity. Reset the passwords of these accounts.")]
    private partial void LogUnknown(string form);
}
