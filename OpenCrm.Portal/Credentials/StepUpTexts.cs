namespace OpenCrm.Portal.Credentials;

/// <summary>The outcomes of a step-up in words.</summary>
public static class StepUpTexts
{
    /// <summary>What to say, or null after a proof.</summary>
    public static string? Problem(StepUpOutcome outcome) => outcome switch
    {
        StepUpOutcome.Proved => null,
        StepUpOutcome.Incomplete => Texts.StepUp_Incomplete,
        StepUpOutcome.Wrong => Texts.StepUp_Wrong,
        StepUpOutcome.LockedOut => Texts.StepUp_LockedOut,
        _ => Texts.StepUp_Later,
    };
}
