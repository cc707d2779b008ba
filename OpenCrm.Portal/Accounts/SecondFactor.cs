namespace OpenCrm.Portal.Accounts;

/// <summary>What an account asks for besides the password: a closed set. The one rule for sign-in, signing in again, step-up and the MFA switch.</summary>
public abstract record SecondFactor
{
    private SecondFactor() { }

    /// <summary>The password is all: MFA is off for everybody, or not set up for this user.</summary>
    public sealed record None : SecondFactor;

    /// <summary>A code of this authenticator.</summary>
    public sealed record Due(Guid AuthenticatorId) : SecondFactor;

    /// <summary>Only one half of an enrolment is there. It refuses what asks for a code; it never lets the password alone through (docs/threats.md I5).</summary>
    public sealed record Broken(UnreadableBecause Why) : SecondFactor;
}

/// <summary>Why an enrolment cannot be used: the word in the audit trail, in the log and in the metric.</summary>
public enum UnreadableBecause
{
    /// <summary>MFA is on for the user, and no key is stored.</summary>
    KeyMissing,

    /// <summary>A key of no length is stored.</summary>
    KeyEmpty,

    /// <summary>This key ring did not encrypt it, or not for this user.</summary>
    KeyNotDecryptable,

    /// <summary>What was decrypted is too short to be a key.</summary>
    KeyTooShort,

    /// <summary>A key is stored, and MFA is off for the user: one half of the enrolment went.</summary>
    NotSwitchedOn,
}
