namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Why a password or a code was refused: a closed set, the same wherever one is asked for. <see cref="RefusalWording"/> has the texts.
/// </summary>
public abstract record Refusal
{
    private Refusal() { }

    /// <summary>The answer is wrong and counted.</summary>
    public sealed record Wrong : Refusal;

    /// <summary>Failed attempts locked the account; further answers are not checked.</summary>
    /// <param name="Until">Null = until an administrator unlocks it.</param>
    /// <param name="Attempts">How many wrong answers lock an account.</param>
    public sealed record LockedOut(DateTimeOffset? Until, int Attempts) : Refusal;

    /// <summary>The password is right, but an administrator has locked the account.</summary>
    public sealed record LockedByAdministrator : Refusal;

    /// <summary>Too many failures came from this network; the account was not looked up.</summary>
    public sealed record TooManyFromHere : Refusal;

    /// <summary>As many answers as the limit allows are being checked right now, or too many wait for a hash; this one was not checked.</summary>
    public sealed record Busy : Refusal;

    /// <summary>MFA is on but its key cannot be read; the operator is notified.</summary>
    public sealed record Unreadable : Refusal;

    /// <summary>The account changed since the check began: its password, enrolment or status, or the half-done sign-in has ended.</summary>
    public sealed record Changed : Refusal;
}
