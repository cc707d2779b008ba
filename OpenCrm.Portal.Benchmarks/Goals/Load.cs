using System.Diagnostics;
using OpenCrm.Portal.Benchmarks.Figures;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>The same thing done by several at once, each as soon as the last one is done.</summary>
internal sealed class Load
{
    private readonly Runs _milliseconds = new();
    private readonly TimeSpan _warm, _measured;
    private double _done;
    private string? _fault;
    private int _faults;

    private Load(TimeSpan warm, TimeSpan measured) => (_warm, _measured) = (warm, measured);

    /// <summary>How many were done a second; one that was under way at an end counts by its part.</summary>
    public double Rate => _done / _measured.TotalSeconds;

    /// <summary>How many were done.</summary>
    public double Done => _done;

    public Runs Milliseconds => _milliseconds;

    /// <summary>How many failed, and the first one's reason.</summary>
    public string Faults => _faults == 0 ? "none failed" : $"{_faults} failed, first: {_fault}";

    /// <param name="act">Does it once; gets a number that goes up.</param>
    /// <param name="mark">Called when the measured time begins and ends.</param>
    public static async Task<Load> RunAsync(int parallel, TimeSpan warm, TimeSpan measured, Func<int, Task> act, Func<Task>? mark = null)
    {
        var load = new Load(warm, measured);
        var (clock, next) = (Stopwatch.StartNew(), 0);
        var workers = Enumerable.Range(0, parallel).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < warm + measured) await load.OnceAsync(clock, act, Interlocked.Increment(ref next));
        })).ToList();
        await Task.Delay(warm);
        if (mark is not null) await mark();
        await Task.Delay(measured);
        if (mark is not null) await mark();
        await Task.WhenAll(workers);
        if (load._done == 0) throw new InvalidOperationException($"Nothing was done: {load.Faults}");
        return load;
    }

    private async Task OnceAsync(Stopwatch clock, Func<int, Task> act, int number)
    {
        var began = clock.Elapsed;
        try
        {
            await act(number);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            if (Interlocked.Increment(ref _faults) == 1) _fault = broken.Message;
            await Task.Delay(20);
            return;
        }
        var ended = clock.Elapsed;
        var inside = Min(ended, _warm + _measured) - Max(began, _warm);
        if (inside <= TimeSpan.Zero) return;
        lock (_milliseconds) _done += inside / (ended - began);
        if (ended <= _warm + _measured) _milliseconds.Add((ended - began).TotalMilliseconds);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
