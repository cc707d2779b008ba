using System.Diagnostics;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Waits for a condition, never for a time.</summary>
public static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? patience = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, patience);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null) =>
        await FoundAsync(async () => await condition() ? what : null, what, patience);

    public static async Task<T> FoundAsync<T>(Func<Task<T?>> look, string what, TimeSpan? patience = null) where T : class
    {
        var waited = Stopwatch.StartNew();
        using var looks = new PeriodicTimer(BetweenLooks);
        while (true)
        {
            if (await look() is { } found)
                return found;
            if (waited.Elapsed > (patience ?? Patience))
                throw new TimeoutException($"Not within {(patience ?? Patience).TotalSeconds:0.#} s: {what}");
            await looks.WaitForNextTickAsync();
        }
    }
}
