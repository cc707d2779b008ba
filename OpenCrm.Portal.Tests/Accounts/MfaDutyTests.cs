using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

/// <summary>The one rule about who is due and overdue (docs/spec.md 12.1).</summary>
public sealed class MfaDutyTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 12, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(MustUseMfa.Nobody, true, false, false)]
    [InlineData(MustUseMfa.SystemAdministrators, false, false, false)]
    [InlineData(MustUseMfa.SystemAdministrators, true, false, true)]
    [InlineData(MustUseMfa.Everyone, false, false, true)]
    [InlineData(MustUseMfa.Everyone, false, true, false)]
    public void It_asks_those_whom_it_covers_and_who_have_no_MFA(MustUseMfa who, bool administrator, bool enrolled, bool asked)
    {
        Assert.Equal(asked ? MfaDutyState.Due : MfaDutyState.None, Of(Now.AddSeconds(1)).State);
        Assert.Equal(asked ? MfaDutyState.Overdue : MfaDutyState.None, Of(Now).State);
        // Without a stored deadline nothing is asked, and while the rule sleeps neither.
        Assert.Equal(MfaDutyState.None, Of(null).State);
        Assert.Equal(MfaDutyState.None, Of(Now, awake: false).State);

        MfaDuty Of(DateTimeOffset? due, bool awake = true) => MfaDuty.Of(new()
        {
            IsAwake = awake,
            Who = who,
            IsSystemAdministrator = administrator,
            IsEnrolled = enrolled,
            DueAt = due,
            Clock = Now,
        });
    }

    [Fact]
    public void The_reminders_come_seven_three_and_one_day_before_and_none_after()
    {
        var due = Now.AddDays(10);

        Assert.Equal(due.AddDays(-7), MfaDeadline.NextReminder(due, Now));
        Assert.Equal(due.AddDays(-3), MfaDeadline.NextReminder(due, due.AddDays(-7)));
        Assert.Equal(due.AddDays(-1), MfaDeadline.NextReminder(due, due.AddDays(-3)));
        Assert.Null(MfaDeadline.NextReminder(due, due.AddDays(-1)));
        // With seven days the mail of the beginning says so already.
        Assert.Equal(Now.AddDays(4), MfaDeadline.NextReminder(Now.AddDays(7), Now));
    }

    [Fact]
    public void No_clock_counts_as_earlier_than_a_deadline_that_was_seen_to_pass()
    {
        Assert.Equal(Now, MfaClock.At(Now, null));
        Assert.Equal(Now, MfaClock.At(Now, Now.AddDays(-3)));
        Assert.Equal(Now.AddDays(3), MfaClock.At(Now, Now.AddDays(3)));
    }
}
