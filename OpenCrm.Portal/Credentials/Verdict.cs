namespace OpenCrm.Portal.Credentials;

/// <summary>What became of an answer: a closed set.</summary>
public abstract record Verdict
{
    private Verdict() { }

    /// <summary>Right as long as what it allows could still be done.</summary>
    internal static Verdict RightIf(bool done) => done ? new Right() : new Changed();

    /// <summary>Right, and what it allows is done.</summary>
    public sealed record Right : Verdict;

    /// <summary>Wrong, and counted.</summary>
    public sealed record Wrong : Verdict;

    /// <summary>Failed attempts locked the account; nothing is looked at any more.</summary>
    /// <param name="Until">Null = until an administrator unlocks it.</param>
    public sealed record LockedOut(DateTimeOffset? Until, int Attempts) : Verdict;

    /// <summary>The right password of an account that an administrator locked.</summary>
    public sealed record LockedByAdministrator : Verdict;

    /// <summary>Too many failures from this network; the account was not looked at.</summary>
    public sealed record TooManyFromHere : Verdict;

    /// <summary>As many answers as the limit allows are being looked at this very moment.</summary>
    public sealed record Busy : Verdict;

    /// <summary>The account is not what it was when the check began: password, enrolment or status changed.</summary>
    public sealed record Changed : Verdict;

    /// <summary>MFA is on but the key cannot be read. Refused; the operator is told.</summary>
    public sealed record Unreadable : Verdict;
}

/// <summary>Where an answer was asked for; told in the audit trail.</summary>
public enum AskedAt
{
    SignIn,
    StepUp,
    SignInAgain,
    PasswordChange,
    Wizard,
    LostDevice,
}
