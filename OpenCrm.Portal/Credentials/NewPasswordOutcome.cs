using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>How setting a password by a mailed link ended: a closed set.</summary>
public abstract record NewPasswordOutcome
{
    private NewPasswordOutcome() { }

    /// <param name="UserId">Whose password it is: another one may be signed in where the link was opened.</param>
    public sealed record Done(Guid UserId) : NewPasswordOutcome;

    /// <summary>No such link, or used, replaced, too old, of another kind: one answer for all.</summary>
    public sealed record LinkEnded : NewPasswordOutcome;

    /// <summary>The policy refuses the password; the link is still good.</summary>
    public sealed record Invalid(IReadOnlyList<PasswordFault> Faults, int MinimumLength) : NewPasswordOutcome;

    /// <summary>The account is locked, or there were too many failures from this network and the link was not looked at.</summary>
    public sealed record Refused(Refusal Refusal) : NewPasswordOutcome;
}
