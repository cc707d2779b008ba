namespace OpenCrm.Portal.Credentials;

/// <summary>Why a password or a code did not do: a closed set, the same wherever one is asked for. <see cref="RefusalWording"/> has the words.</summary>
public abstract record Refusal
{
    private Refusal() { }

    /// <summary>Wrong, and counted.</summary>
    public sealed record Wrong : Refusal;

    /// <summary>Failed attempts locked the account; nothing is looked at any more.</summary>
    /// <param name="Until">Null = until an administrator unlocks it.</param>
    /// <param name="Attempts">How many wrong answers lock an account.</param>
    public sealed record LockedOut(DateTimeOffset? Until, int Attempts) : Refusal;

    /// <summary>The right password of an account that an administrator locked.</summary>
    public sealed record LockedByAdministrator : Refusal;

    /// <summary>Too many failures from this network; the account was not looked at.</summary>
    public sealed record TooManyFromHere : Refusal;

    /// <summary>As many answers as the limit allows are being looked at this very moment.</summary>
    public sealed record Busy : Refusal;

    /// <summary>MFA is on but the key cannot be read; the operator is told.</summary>
    public sealed record Unreadable : Refusal;

    /// <summary>The account is not what it was when the check began: password, enrolment or status changed, or a half-done sign-in is over.</summary>
    public sealed record Changed : Refusal;
}
