namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The state of the proof in a popup: which fields are shown and what is typed. <see cref="StepUpFields"/> draws it; the popup calls it before it
/// acts.
/// </summary>
public sealed class StepUpForm(StepUp stepUp, StepUpFor act, TimeProvider time)
{
    /// <summary>Which fields to show; null if the last proof is recent enough and nothing is asked.</summary>
    public StepUpNeed? Need { get; private set; }

    public string? Password { get; set; }

    public string? Code { get; set; }

    /// <summary>Finds out what must be asked now, and clears what was typed.</summary>
    public async Task AskAsync()
    {
        Clear();
        Need = await stepUp.EvaluateNeedAsync(act) is var asked and not StepUpNeed.Nothing ? asked : null;
    }

    /// <summary>Shows the fields that the service asked for when it refused the action.</summary>
    public void Ask(StepUpNeed need) => Need = need;

    /// <summary>Hides the fields and clears what was typed.</summary>
    public void Clear() => (Need, Password, Code) = (null, null, null);

    /// <summary>Checks what is typed, if a proof is asked for.</summary>
    /// <returns>The error to show; null if the proof succeeded or none was needed.</returns>
    public async Task<string?> ProveAsync()
    {
        if (Need is null) return null;
        var outcome = await stepUp.ProveAsync(act, Password, Code);
        switch (outcome)
        {
            case StepUpOutcome.Incomplete incomplete:
                // An authenticator may have been set up meanwhile, and a code is asked for too. What was typed stays.
                Need = incomplete.Need;
                break;
            case StepUpOutcome.Refused:
                (Password, Code) = ("", "");
                break;
            default:
                Clear();
                break;
        }
        return Describe(outcome, time.GetUtcNow());
    }

    internal static string? Describe(StepUpOutcome outcome, DateTimeOffset now) => outcome switch
    {
        StepUpOutcome.Proved => null,
        StepUpOutcome.Incomplete { Need: StepUpNeed.PasswordAndCode } => Texts.StepUp_PasswordAndCodeMissing,
        StepUpOutcome.Incomplete { Need: StepUpNeed.PasswordOrCode } => Texts.StepUp_PasswordOrCodeMissing,
        StepUpOutcome.Incomplete => Texts.StepUp_PasswordMissing,
        StepUpOutcome.Refused refused => RefusalWording.Of(refused.Refusal, wrong: Texts.StepUp_Wrong, changed: Texts.StepUp_TryLater, now),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
