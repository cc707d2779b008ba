using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

public sealed class LockoutPolicyTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 20)]
    [InlineData(7, 1280)]
    [InlineData(8, 1440)]
    [InlineData(11, 1440)]
    [InlineData(31, 1440)]
    [InlineData(32, 1440)]
    [InlineData(int.MaxValue, 1440)]
    public void Each_lock_in_a_row_doubles_up_to_a_day(int locksBefore, int minutes) =>
        Assert.Equal(Now.AddMinutes(minutes), new LockoutPolicy(5, TimeSpan.FromMinutes(10)).LockEnd(Now, locksBefore, 5, lastAdministrator: false));

    [Theory]
    [InlineData(1)]
    [InlineData(1440)]
    public void The_cap_holds_for_the_shortest_and_the_longest_setting(int minutes) =>
        Assert.Equal(Now.AddDays(1), new LockoutPolicy(5, TimeSpan.FromMinutes(minutes)).LockEnd(Now, 20, 99, lastAdministrator: false));

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    [InlineData(101, true)]
    public void A_hundred_failures_in_a_row_lock_until_somebody_unlocks(int failures, bool forGood) =>
        Assert.Equal(
            forGood,
            new LockoutPolicy(5, TimeSpan.FromMinutes(10)).LockEnd(Now, 0, failures, lastAdministrator: false) == DateTimeOffset.MaxValue);

    [Fact]
    public void Without_a_duration_a_lock_lasts_until_somebody_unlocks() =>
        Assert.Equal(DateTimeOffset.MaxValue, new LockoutPolicy(5, TimeSpan.Zero).LockEnd(Now, 0, 5, lastAdministrator: false));

    [Fact]
    public void The_last_administrator_waits_fifteen_minutes_whatever_the_setting()
    {
        Assert.Equal(Now.AddMinutes(15), new LockoutPolicy(5, TimeSpan.Zero).LockEnd(Now, 0, 5, lastAdministrator: true));
        Assert.Equal(Now.AddMinutes(15), new LockoutPolicy(5, TimeSpan.FromDays(1)).LockEnd(Now, 0, 5, lastAdministrator: true));
        Assert.Equal(Now.AddMinutes(30), new LockoutPolicy(5, TimeSpan.Zero).LockEnd(Now, 1, 10, lastAdministrator: true));
    }
}
