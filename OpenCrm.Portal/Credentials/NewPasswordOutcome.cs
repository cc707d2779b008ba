using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>How setting a password by a mailed link ended: a closed set.</summary>
public abstract record NewPasswordOutcome
{
    private NewPasswordOutcome() { }

    /// <param name="UserId">Whose password was set. Another person may be signed in in the browser that opened the link.</param>
    public sealed record Done(Guid UserId) : NewPasswordOutcome;

    /// <summary>The link does not exist, was used or replaced, expired, or is for something else. All cases have one answer.</summary>
    public sealed record LinkEnded : NewPasswordOutcome;

    /// <summary>The policy refuses the password. The link still works.</summary>
    public sealed record Invalid(IReadOnlyList<PasswordFault> Faults, int MinimumLength) : NewPasswordOutcome;

    /// <summary>The account is locked, or too many failures came from this network and the link was not looked up.</summary>
    public sealed record Refused(Refusal Refusal) : NewPasswordOutcome;
}
