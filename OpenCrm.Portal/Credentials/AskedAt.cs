namespace OpenCrm.Portal.Credentials;

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
