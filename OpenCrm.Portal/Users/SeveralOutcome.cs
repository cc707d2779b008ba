using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Users;

/// <summary>What can be done to several users at once.</summary>
public enum SeveralAct
{
    Lock,
    Deactivate,
    ResetPassword,
    EndSessions,
    InviteAgain,
}

/// <summary>Why a user among several is left as they are.</summary>
public enum Sparing
{
    /// <summary>It is the administrator's own account.</summary>
    Own,

    /// <summary>Afterwards nobody could act as system administrator.</summary>
    LastAdministrator,

    /// <summary>A system administrator whom the administrator did not agree to include.</summary>
    Administrator,

    /// <summary>One of more system administrators than a popup can name.</summary>
    TooManyAdministrators,

    Locked,
    Inactive,

    /// <summary>Nobody is signed in to this account.</summary>
    NoSession,

    /// <summary>Invited, and no password chosen yet: there is none to reset.</summary>
    PasswordNotChosen,

    /// <summary>The password is chosen already: an invitation would have no use.</summary>
    PasswordChosen,

    /// <summary>Somebody else's action held the account for too long.</summary>
    Busy,

    /// <summary>There is no such user.</summary>
    Gone,

    /// <summary>It failed for this user alone; the log says why.</summary>
    Failed,
}

/// <summary>A user who is left as they are, and why.</summary>
public sealed record SparedUser(string Username, Sparing Why);

/// <summary>The users who are left as they are: how many, and the first of them.</summary>
public sealed record SparedUsers(IReadOnlyList<SparedUser> First, int Count);

/// <summary>A system administrator among the selected users.</summary>
public sealed record NamedAdministrator(Guid Id, string Username);

/// <summary>What an action would do to several users, before anything happens: a closed set.</summary>
public abstract record SeveralPlan
{
    private SeveralPlan() { }

    /// <summary>More than <see cref="SeveralUsers.Most"/> are selected.</summary>
    public sealed record TooMany : SeveralPlan;

    /// <param name="Others">How many it would touch who are no system administrators.</param>
    /// <param name="FirstOther">One of them; null if there are none.</param>
    /// <param name="Administrators">The system administrators whom it would touch if they are included.</param>
    /// <param name="All">Everybody who was counted, so that the action touches nobody who matches a filter only later.</param>
    public sealed record Ready(
        int Others, string? FirstOther, IReadOnlyList<NamedAdministrator> Administrators, SparedUsers Spared, IReadOnlyList<Guid> All)
        : SeveralPlan;
}

/// <summary>How an action on several users ended: a closed set.</summary>
public abstract record SeveralOutcome
{
    private SeveralOutcome() { }

    /// <summary>Nothing happened: more than <see cref="SeveralUsers.Most"/> are selected.</summary>
    public sealed record TooMany : SeveralOutcome;

    /// <summary>Nothing happened: a fresh proof of the administrator is needed first; then the call is repeated.</summary>
    public sealed record StepUpNeeded(StepUpNeed Need) : SeveralOutcome;

    /// <param name="Done">How many users it was done to.</param>
    /// <param name="NotReached">How many it did not come to, because it stopped.</param>
    /// <param name="Stopped">Why it stopped; null if it went through all of them.</param>
    public sealed record Ran(int Done, SparedUsers Left, int NotReached, SeveralStop? Stopped) : SeveralOutcome;
}

/// <summary>Why an action on several users stopped before its end.</summary>
public enum SeveralStop
{
    /// <summary>The administrator stopped it.</summary>
    Asked,

    /// <summary>The administrator lost the right, or the session ended or is idle.</summary>
    NoRight,

    /// <summary>The database did not answer.</summary>
    Away,
}
