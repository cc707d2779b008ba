using System.Collections.Concurrent;

namespace OpenCrm.Portal.Data;

/// <summary>
/// When each worker of this process last came round, so that one that stands still or fails again and again is seen: by the operator in one line of the log, by probes in
/// the answer of <see cref="PortalUrls.Ready"/>.
/// </summary>
public sealed partial class WorkerRounds(TimeProvider time, ILogger<WorkerRounds> log)
{
    private readonly ConcurrentDictionary<string, Round> _rounds = new(StringComparer.Ordinal);

    /// <param name="within">How long a round may take, the pause before it included. Longer, and the worker counts as stuck.</param>
    public void Starts(string worker, TimeSpan within) => _rounds[worker] = new(within, time.GetTimestamp(), 0, null);

    /// <summary>It did what there was to do, or a part of it: an attempt that ended counts, however it ended.</summary>
    public void CameRound(string worker)
    {
        if (!_rounds.TryGetValue(worker, out var before)) return;
        _rounds[worker] = before with { RoundAt = time.GetTimestamp(), Failures = 0, Failure = null };
        if (before.Failure is not null) LogRecovered(worker, before.Failures);
    }

    /// <summary>The round failed as a whole, and the next one tries again. Told once for each kind of failure until it works again: an outage of an hour is no thousand lines.</summary>
    public void Failed(string worker, Exception failed)
    {
        var kind = failed.GetBaseException().GetType().Name;
        if (!_rounds.TryGetValue(worker, out var before)) return;
        _rounds[worker] = before with { Failures = before.Failures + 1, Failure = kind };
        if (before.Failure != kind) LogFailed(worker, kind, Outage.IsOne(failed, timeouts: false) ? "The database is away or busy: check ConnectionStrings:Portal and the database itself" : "Its next round tries again", failed);
    }

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<WorkerState> States() =>
        [.. _rounds.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair =>
        {
            var since = time.GetElapsedTime(pair.Value.RoundAt);
            return new WorkerState(pair.Key, since, pair.Value.Failures, since > pair.Value.Within);
        })];

    [LoggerMessage(Level = LogLevel.Warning, Message = "The worker {Worker} failed: {Kind}. {Advice}. It goes on by itself once the cause is gone.")]
    private partial void LogFailed(string worker, string kind, string advice, Exception failed);

    [LoggerMessage(Level = LogLevel.Information, Message = "The worker {Worker} works again after {Failures} failed rounds.")]
    private partial void LogRecovered(string worker, int failures);

    private sealed record Round(TimeSpan Within, long RoundAt, int Failures, string? Failure);
}

/// <summary>How a worker does.</summary>
/// <param name="Failures">Rounds in a row that failed.</param>
public sealed record WorkerState(string Worker, TimeSpan SinceRound, int Failures, bool IsStuck);
