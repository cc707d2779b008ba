using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The gate in front of everything slow about passwords. A few threads of its own hash, so that the threads of the circuits stay free for clicks and
/// at most so many times a hash's memory is in use. Whoever waits for a turn holds no thread and no connection.
/// </summary>
public sealed partial class HashGate : IDisposable
{
    /// <summary>
    /// Shorter than the time after which a reservation counts as lost, so that many sign-ins at once lock nobody (docs/threats.md I6).
    /// </summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly AddressTurns<Job> _waiting;
    private readonly HashLimits _limits;
    private readonly LogPace _pace;
    private readonly ILogger _log;
    private readonly Histogram<double> _waits, _durations;
    private readonly Counter<long> _refusals;
    private long _refusedAt;
    private int _busy;
    private bool _ends;

    public HashGate(IOptions<HashLimits> limits, IMeterFactory meters, TimeProvider time, ILogger<HashGate> log)
    {
        (_limits, _log, _pace) = (limits.Value, log, new(time));
        _waiting = new(_limits.HashesWaiting);
        var meter = meters.Create("OpenCrm.Portal");
        meter.CreateObservableGauge("portal.hashes.waiting", () => Waiting, "{hash}", "Passwords that wait for their turn to be hashed.");
        meter.CreateObservableGauge("portal.hashes.busy", () => _busy, "{hash}", "Passwords that are being hashed.");
        _waits = meter.CreateHistogram<double>("portal.hashes.wait", "s", "How long a password waited for its turn.");
        _durations = meter.CreateHistogram<double>("portal.hashes.duration", "s", "How long the hashing of a password took.");
        _refusals = meter.CreateCounter<long>("portal.hashes.refused", "{hash}", "Passwords that were not hashed because too many waited.");
        for (var worker = 1; worker <= _limits.Workers; worker++)
            new Thread(Work) { IsBackground = true, Name = $"hash {worker}" }.UnsafeStart();
    }

    /// <summary>How many wait for their turn.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>How long the one has waited that waits longest.</summary>
    internal TimeSpan LongestWaiting
    {
        get
        {
            lock (_gate) return _waiting.Heads.Select(job => Stopwatch.GetElapsedTime(job.AskedAt)).DefaultIfEmpty().Max();
        }
    }

    /// <summary>Whether one was refused within the last minute.</summary>
    internal bool RefusedLately =>
        Interlocked.Read(ref _refusedAt) is var at and not 0 && Stopwatch.GetElapsedTime(at) < TimeSpan.FromMinutes(1);

    /// <summary>Runs it on one of the gate's threads when it is the address's turn.</summary>
    /// <param name="by">
    /// Who waits: clients of one network take turns with those of the others. The portal itself and its operator are never refused.
    /// </param>
    /// <param name="cancel">Takes it out of the queue while it waits; what runs already runs to its end.</param>
    /// <returns>Null: too many wait, and it did not run.</returns>
    public async Task<T?> RunAsync<T>(Func<T> hash, Caller by, CancellationToken cancel = default) where T : class
    {
        cancel.ThrowIfCancellationRequested();
        var isOwn = by is Caller.Console or Caller.Portal;
        var job = new Job<T>(isOwn ? AddressTurns<Job>.Own : AddressCount.KeyOf("hash", by.Address), hash);
        Job? crowdedOut;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ends, this);
            crowdedOut = _waiting.Add(job.Address, job);
            Monitor.Pulse(_gate);
        }
        if (crowdedOut is not null) Refuse(crowdedOut);
        using var patience = new CancellationTokenSource();
        if (!isOwn) patience.CancelAfter(LongestWait);
        await using var waited = patience.Token.UnsafeRegister(_ => Leave(job, () => Refuse(job)), null);
        await using var left = cancel.UnsafeRegister(_ => Leave(job, () => job.Abandon(cancel)), null);
        return await job.Result;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ends = true;
            while (_waiting.Take() is { } job) job.Abandon(CancellationToken.None);
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        while (true)
        {
            Job? job;
            lock (_gate)
            {
                while ((job = _waiting.Take()) is null)
                {
                    if (_ends) return;
                    Monitor.Wait(_gate);
                }
                _busy++;
            }
            _waits.Record(Stopwatch.GetElapsedTime(job.AskedAt).TotalSeconds);
            var begun = Stopwatch.GetTimestamp();
            job.Run();
            _durations.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            lock (_gate) _busy--;
        }
    }

    /// <summary>Takes a job out of the queue, unless its turn has come.</summary>
    private void Leave(Job job, Action then)
    {
        lock (_gate)
            if (!_waiting.Remove(job.Address, job)) return;
        then();
    }

    private void Refuse(Job job)
    {
        Interlocked.Exchange(ref _refusedAt, Stopwatch.GetTimestamp());
        _refusals.Add(1);
        if (_pace.IsDue(out var before)) LogRefused(_limits.HashesWaiting, LongestWait.TotalSeconds, _limits.Workers, before);
        job.Refuse();
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Too many passwords wait to be checked (more than {Most}, or longer than {Seconds} seconds), so sign-ins are refused with words; "
            + "{Before} were since the last such line. {AtOnce} are hashed at once: raise Passwords:HashesAtOnce up to the cores of this machine, "
            + "add a node, or look in the audit trail for whoever guesses.")]
    private partial void LogRefused(int most, double seconds, int atOnce, int before);

    private abstract class Job(string address)
    {
        public string Address => address;

        public long AskedAt { get; } = Stopwatch.GetTimestamp();

        public abstract void Run();

        public abstract void Refuse();

        public abstract void Abandon(CancellationToken cancel);
    }

    private sealed class Job<T>(string address, Func<T> hash) : Job(address) where T : class
    {
        // Continued elsewhere: what comes after a hash is not the gate's work.
        private readonly TaskCompletionSource<T?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T?> Result => _done.Task;

        public override void Run()
        {
            try
            {
                _done.TrySetResult(hash());
            }
            catch (Exception failed)
            {
                // The caller's failure: the thread goes on with the next.
                _done.TrySetException(failed);
            }
        }

        public override void Refuse() => _done.TrySetResult(null);

        public override void Abandon(CancellationToken cancel) => _done.TrySetCanceled(cancel);
    }
}
