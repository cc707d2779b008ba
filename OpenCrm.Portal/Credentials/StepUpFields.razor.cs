namespace OpenCrm.Portal.Credentials;

/// <summary>The fields of a step-up, for whatever popup asks for one.</summary>
public sealed partial class StepUpFields
{
    /// <summary>What the person reads; null after a proof, and only then.</summary>
    public static string? Describe(StepUpOutcome outcome) => outcome switch
    {
        StepUpOutcome.Wrong => Texts.StepUp_Wrong,
        StepUpOutcome.Incomplete { Need: StepUpNeed.PasswordAndCode } => Texts.StepUp_PasswordAndCodeMissing,
        StepUpOutcome.Incomplete { Need: StepUpNeed.PasswordOrCode } => Texts.StepUp_PasswordOrCodeMissing,
        StepUpOutcome.Incomplete => Texts.StepUp_PasswordMissing,
        StepUpOutcome.LockedOut => Texts.StepUp_LockedOut,
        StepUpOutcome.TryLater => Texts.StepUp_TryLater,
        StepUpOutcome.Unreadable => Texts.StepUp_Unreadable,
        StepUpOutcome.Proved => null,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
