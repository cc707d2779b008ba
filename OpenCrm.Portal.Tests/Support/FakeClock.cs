using Microsoft.Extensions.Time.Testing;

namespace OpenCrm.Portal.Tests.Support;

internal static class FakeClock
{
    private static readonly TimeSpan Ticked = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Moves the clock; timers tick only for the last ten minutes of the way. A month of timers that tick every second would take a quarter of an
    /// hour.
    /// </summary>
    public static void LeapTo(this FakeTimeProvider clock, DateTimeOffset time)
    {
        if (time - clock.GetUtcNow() > Ticked) clock.AdjustTime(time - Ticked);
        clock.SetUtcNow(time);
    }
}
