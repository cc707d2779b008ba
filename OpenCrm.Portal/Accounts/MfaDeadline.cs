namespace OpenCrm.Portal.Accounts;

/// <summary>
/// One person's deadline for setting up MFA (docs/spec.md 12.1). It is stored once, when the rule first covers the person, and stays: whoever
/// disables MFA, loses the role or is deactivated and comes back finds the same deadline.
/// </summary>
public sealed class MfaDeadline
{
    /// <summary>How long before the deadline the person is reminded.</summary>
    private static readonly TimeSpan[] Reminders = [TimeSpan.FromDays(7), TimeSpan.FromDays(3), TimeSpan.FromDays(1)];

    public Guid UserId { get; init; }

    /// <summary>When the rule first covered the person, or the MFA switch was ticked again; by the database's clock.</summary>
    public DateTimeOffset CoveredAt { get; set; }

    /// <summary>The deadline.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>Whether an administrator set this date for the person; then a changed number of days leaves it alone.</summary>
    public bool IsExtended { get; set; }

    /// <summary>
    /// Whether the person has no MFA. A trigger keeps it equal to <see cref="PortalUser"/>'s own column: it is there only so that an index holds the
    /// deadlines that count, and those alone.
    /// </summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the mail of the beginning is due no more: it was sent, or the person had MFA already.</summary>
    public bool IsTold { get; set; }

    /// <summary>When the person gets the next mail; null if none is left.</summary>
    public DateTimeOffset? NextMailAt { get; set; }

    /// <summary>Returns when the next reminder of a deadline is due, later than <paramref name="after"/>; null if none is left.</summary>
    public static DateTimeOffset? NextReminder(DateTimeOffset dueAt, DateTimeOffset after)
    {
        foreach (var before in Reminders)
            if (dueAt - before is var at && at > after) return at;
        return null;
    }
}

/// <summary>
/// The clock of the deadlines: one row. A clock that is set back must not open again what a deadline has closed, so the newest deadline that was seen
/// to pass is kept, and no node's time counts as earlier.
/// </summary>
public sealed class MfaClock
{
    public int Id { get; init; } = 1;

    /// <summary>The newest deadline that has passed; null if none has.</summary>
    public DateTimeOffset? PassedUntil { get; set; }

    /// <summary>Returns the time that deadlines are compared with.</summary>
    public static DateTimeOffset At(DateTimeOffset now, DateTimeOffset? passedUntil) => passedUntil > now ? passedUntil.Value : now;
}
