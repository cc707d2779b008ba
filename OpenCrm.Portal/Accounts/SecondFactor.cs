namespace OpenCrm.Portal.Accounts;

/// <summary>
/// What an account asks for besides the password: a closed set. Sign-in, signing in again, step-up and the MFA switch all use this one rule.
/// </summary>
public abstract record SecondFactor
{
    private SecondFactor() { }

    /// <summary>The password is enough: MFA is off for everybody, or not set up for this user.</summary>
    public sealed record None : SecondFactor;

    /// <summary>A code of any authenticator of this enrolment is due.</summary>
    public sealed record Due(Guid EnrolmentId) : SecondFactor;

    /// <summary>
    /// Only one half of an enrolment is stored. Whatever asks for a code is refused; the password alone never gets through (docs/threats.md I5).
    /// </summary>
    public sealed record Broken(UnreadableBecause Why) : SecondFactor;
}

/// <summary>Why an enrolment cannot be used. The audit trail, the log and the metric carry these words.</summary>
public enum UnreadableBecause
{
    /// <summary>MFA is on for the user, but no key is stored.</summary>
    KeyMissing,

    /// <summary>The stored key is empty.</summary>
    KeyEmpty,

    /// <summary>The key was not encrypted with this key ring, or not for this user.</summary>
    KeyNotDecryptable,

    /// <summary>The decrypted value is too short to be a key.</summary>
    KeyTooShort,

    /// <summary>A key is stored, but MFA is off for the user: one half of the enrolment is missing.</summary>
    NotSwitchedOn,
}
