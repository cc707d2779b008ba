using System.Collections.Concurrent;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Records when each worker of this process last completed a round, so that one that hangs or fails again and again is noticed: by the operator in
/// one line of the log, by health probes in the answer of <see cref="PortalUrls.Ready"/>.
/// </summary>
public sealed partial class WorkerRounds(TimeProvider time, ILogger<WorkerRounds> log)
{
    private readonly ConcurrentDictionary<string, Round> _rounds = new(StringComparer.Ordinal);

    /// <param name="within">How long a round may take, including the pause before it. A worker that takes longer counts as stuck.</param>
    public void Starts(string worker, TimeSpan within) => _rounds[worker] = new(within, time.GetTimestamp(), 0, null);

    /// <summary>Records that the worker did what there was to do, or a part of it. An attempt that ended counts, however it ended.</summary>
    public void CameRound(string worker)
    {
        if (!_rounds.TryGetValue(worker, out var before)) return;
        _rounds[worker] = before with { RoundAt = time.GetTimestamp(), Failures = 0, Failure = null };
        if (before.Failure is not null) LogRecovered(worker, before.Failures);
    }

    /// <summary>
    /// Records that a round failed as a whole; the next one tries again. Each kind of failure is logged once until a round succeeds, so that an
    /// outage of an hour does not write thousands of lines.
    /// </summary>
    public void Failed(string worker, Exception failed)
    {
        var kind = failed.GetBaseException().GetType().Name;
        if (!_rounds.TryGetValue(worker, out var before)) return;
        _rounds[worker] = before with { Failures = before.Failures + 1, Failure = kind };
        if (before.Failure == kind) return;
        var next = Outage.IsOne(failed, timeouts: false)
            ? "The database is away or busy: check ConnectionStrings:Portal and the database itself"
            : "Its next round tries again";
        LogFailed(worker, kind, next, failed);
    }

    /// <summary>Returns the state of all workers, ordered by name.</summary>
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

/// <summary>The state of a worker.</summary>
/// <param name="Failures">Rounds in a row that failed.</param>
public sealed record WorkerState(string Worker, TimeSpan SinceRound, int Failures, bool IsStuck);
