using Microsoft.Extensions.Time.Testing;

namespace OpenCrm.Portal.Tests.Support;

internal static class FakeClock
{
    private static readonly TimeSpan Ticked = TimeSpan.FromMinutes(10);

    /// <summary>Timers tick for the last minutes of the way only: a month of those that tick every second takes a quarter of an hour.</summary>
    public static void LeapTo(this FakeTimeProvider clock, DateTimeOffset time)
    {
        if (time - clock.GetUtcNow() > Ticked) clock.AdjustTime(time - Ticked);
        clock.SetUtcNow(time);
    }
}
