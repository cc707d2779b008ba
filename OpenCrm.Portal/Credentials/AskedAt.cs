namespace OpenCrm.Portal.Credentials;

/// <summary>Where a password or code was asked for. The name is written into the audit trail.</summary>
public enum AskedAt
{
    SignIn,
    StepUp,
    SignInAgain,
    PasswordChange,
    Wizard,
    LostDevice,
}
