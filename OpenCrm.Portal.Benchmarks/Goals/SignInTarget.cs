using OpenCrm.Portal.Benchmarks.Figures;
using OpenCrm.Portal.Benchmarks.Servers;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>A server that is signed in to by several at once, whatever it is made of.</summary>
/// <param name="read">Milliseconds of processor time so far, and of its hashes so far; the latter is null where it cannot be seen from
/// outside.</param>
/// <param name="ownHash">Milliseconds of one hash, where the server does not tell.</param>
internal sealed class SignInTarget(
    string name, IReadOnlyList<Person> people, Func<Person, Task> signIn, Func<Task<(double All, double? Hashes)>> read, Func<double> peak,
        double ownHash)
{
    // Anywhere: a code of this half minute may have been used by the verb before.
    private int _next = System.Security.Cryptography.RandomNumberGenerator.GetInt32(people.Count);
    private string _faults = "";

    public string Name => name;

    public Runs Rate { get; } = new();

    /// <summary>Processor time of a sign-in.</summary>
    public Runs Total { get; } = new();

    /// <summary>Of it the hash.</summary>
    public Runs Hash { get; } = new();

    public Runs Milliseconds { get; } = new();

    public double PeakMiB => peak();

    private double Beyond => Total.Median - Hash.Median;

    public static SignInTarget Of(MeasuredServer server) => new(
        server.Name, [.. server.People.Where(person => person.Key is not null)],
        async person =>
        {
            await using var circuit = await server.SignInAsync(person);
        },
        async () =>
        {
            var reading = await server.ReadAsync();
            return (reading.Processor, reading.Hashing);
        },
        server.PeakMiB, 0);

    public static SignInTarget Of(PeerServer server, double ownHash) => new(
        server.Name, server.People, server.SignInAsync, () => Task.FromResult<(double, double?)>((server.Processor(), null)), server.PeakMiB,
            ownHash);

    /// <summary>What all cores could do a second with a hash that costs so much.</summary>
    public double RateWith(double hash) => Environment.ProcessorCount * 1000 / (Beyond + hash);

    public async Task TakeTurnAsync(int parallel, TimeSpan measured)
    {
        List<(double All, double? Hashes)> readings = [];
        var load = await Load.RunAsync(
            parallel, TimeSpan.FromSeconds(2), measured,
            _ => signIn(people[(int)((uint)Interlocked.Increment(ref _next) % (uint)people.Count)]),
            async () => readings.Add(await read()));
        Rate.Add(load.Rate);
        Total.Add((readings[1].All - readings[0].All) / load.Done);
        Hash.Add(readings[1].Hashes is { } hashes ? (hashes - readings[0].Hashes!.Value) / load.Done : ownHash);
        Milliseconds.AddRange(load.Milliseconds.All);
        _faults = load.Faults;
    }

    public override string ToString() =>
        $"{Name,-13} {Figure.Number(Rate.Median)}/s; p50 {Figure.Number(Milliseconds.At(50))}, p95 {Figure.Number(Milliseconds.At(95))} ms; "
        + $"processor {Figure.Number(Total.Median)} ms each, of it hash {Figure.Number(Hash.Median)}; peak {Figure.Number(PeakMiB)} MiB; {_faults}";
}
