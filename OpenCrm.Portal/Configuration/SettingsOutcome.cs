using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Configuration;

/// <summary>How saving a block, or trying what is typed in it, ended: a closed set.</summary>
public abstract record SettingsOutcome
{
    private SettingsOutcome() { }

    /// <param name="Now">The block as it is stored now.</param>
    public sealed record Saved(ISettingsBlock Now) : SettingsOutcome;

    /// <summary>Nothing was saved: these settings do not accept what was typed.</summary>
    /// <param name="Fields">The names of the settings.</param>
    public sealed record Invalid(IReadOnlyList<string> Fields) : SettingsOutcome;

    /// <summary>Nothing was saved: another administrator saved the block since it was read (docs/spec.md 4.4).</summary>
    /// <param name="Theirs">The block as it is stored now, with who saved it and when.</param>
    public sealed record SavedMeanwhile(ISettingsBlock Theirs) : SettingsOutcome;

    /// <summary>Nothing was saved: the last proof is too old. After a fresh one the same edit is saved.</summary>
    public sealed record StepUpNeeded : SettingsOutcome;

    /// <summary>A test mail was tried, and nothing was saved.</summary>
    /// <param name="To">The address that it went to.</param>
    public sealed record MailTested(MailTrialOutcome Answer, string To) : SettingsOutcome;

    /// <summary>The person has tried as many test mails as an hour allows.</summary>
    public sealed record TooManyTests : SettingsOutcome;

    /// <summary>Nothing was saved: the MFA switch asks first. The same edit is saved again with the answer.</summary>
    public sealed record ConfirmationNeeded(MfaSwitchQuestion Question) : SettingsOutcome;

    /// <summary>Nothing was saved: the rule about who must use MFA is shown first. The same edit is saved again once it is seen.</summary>
    public sealed record RollOutShown(MfaRollOutPreview Preview) : SettingsOutcome;

    /// <summary>Nothing was saved: something stands against the rule about who must use MFA.</summary>
    public sealed record RollOutRefused(MfaRollOutObstacle Obstacle) : SettingsOutcome;

    /// <summary>Nothing was saved: the proof in the answer was refused.</summary>
    /// <param name="Question">What to ask now: a password that was right is not asked for again.</param>
    public sealed record NotProved(StepUpOutcome Proof, MfaSwitchQuestion Question) : SettingsOutcome;
}

/// <summary>What the popup of the MFA switch shows and asks for.</summary>
/// <param name="On">Whether MFA is to be switched on; false for off.</param>
/// <param name="Enrolments">How many users are affected: their code is no longer asked for, or asked for again.</param>
/// <param name="AskPassword">Whether the password is asked for, because the last proof is too old.</param>
/// <param name="AskCode">Whether a code is asked for: the last proof is too old and the administrator is enrolled, or their own enrolment
/// resumes.</param>
public sealed record MfaSwitchQuestion(bool On, int Enrolments, bool AskPassword, bool AskCode);

/// <summary>The answer in that popup.</summary>
/// <param name="Erase">Whether to erase enrolments instead of keeping them dormant; ignored when switching on.</param>
public sealed record MfaSwitchAnswer(bool Erase = false, string? Password = null, string? Code = null)
{
    /// <summary>Leaves out password and code: a record prints all its properties, and so they would reach any log that prints the record.</summary>
    public override string ToString() => $"Answer, erase: {Erase}";
}
