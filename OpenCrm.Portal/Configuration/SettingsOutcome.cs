using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Configuration;

/// <summary>How saving a block ended.</summary>
public abstract record SettingsOutcome
{
    private SettingsOutcome() { }

    /// <param name="Now">The block as it is stored now.</param>
    public sealed record Saved(ISettingsBlock Now) : SettingsOutcome;

    /// <summary>Nothing was saved: these fields hold what their settings do not accept.</summary>
    /// <param name="Fields">The settings, by name.</param>
    public sealed record Invalid(IReadOnlyList<string> Fields) : SettingsOutcome;

    /// <summary>Nothing was saved: somebody else saved the block since it was read (spec 4.4).</summary>
    /// <param name="Theirs">The block as it is stored now, with name and time of whoever saved it.</param>
    public sealed record SavedMeanwhile(ISettingsBlock Theirs) : SettingsOutcome;

    /// <summary>Nothing was saved: the last proof is too old (spec 3.5); after a fresh one the same edit is saved.</summary>
    public sealed record StepUpNeeded : SettingsOutcome;

    /// <summary>Nothing was saved: the MFA switch asks first, then the same edit is saved with the answer.</summary>
    public sealed record ConfirmationNeeded(MfaSwitchQuestion Question) : SettingsOutcome;

    /// <summary>Nothing was saved: the proof that came with the answer is not good.</summary>
    /// <param name="Question">What is to be asked now: a password that was right is not asked for again.</param>
    public sealed record NotProved(StepUpOutcome Proof, MfaSwitchQuestion Question) : SettingsOutcome;
}

/// <summary>What the popup of the MFA switch says and asks (spec 3.4, 3.5).</summary>
/// <param name="On">The way it is to be switched.</param>
/// <param name="Enrolments">Users who are touched: whose code is not asked for any more, or is asked for again.</param>
/// <param name="AskPassword">The last proof is too old.</param>
/// <param name="AskCode">Likewise for somebody who is enrolled; or the administrator's own enrolment resumes.</param>
public sealed record MfaSwitchQuestion(bool On, int Enrolments, bool AskPassword, bool AskCode);

/// <summary>What was answered in that popup.</summary>
/// <param name="Erase">Enrolments are erased instead of kept dormant; means nothing when switching on.</param>
public sealed record MfaSwitchAnswer(bool Erase = false, string? Password = null, string? Code = null)
{
    /// <summary>Without password and code: a record prints its properties into whatever log it strays into.</summary>
    public override string ToString() => $"Answer, erase: {Erase}";
}
