namespace OpenCrm.Portal.Credentials;

/// <summary>
/// The proof that a popup asks for, as its person fills it in: which fields there are and what is typed. <see cref="StepUpFields"/> draws it; the popup asks it before it acts.
/// </summary>
public sealed class StepUpForm(StepUp stepUp, StepUpFor act, TimeProvider time)
{
    /// <summary>Which fields to show; null: the last proof is recent enough, and nothing is asked.</summary>
    public StepUpNeed? Need { get; private set; }

    public string? Password { get; set; }

    public string? Code { get; set; }

    /// <summary>Finds out what must be asked at this moment, with nothing typed yet.</summary>
    public async Task AskAsync()
    {
        Clear();
        Need = await stepUp.EvaluateNeedAsync(act) is var asked and not StepUpNeed.Nothing ? asked : null;
    }

    /// <summary>Shows these fields, as whoever refused the action said.</summary>
    public void Ask(StepUpNeed need) => Need = need;

    /// <summary>Asks for nothing.</summary>
    public void Clear() => (Need, Password, Code) = (null, null, null);

    /// <summary>Checks what is typed, if anything is asked.</summary>
    /// <returns>What the person reads; null after a proof, and only then.</returns>
    public async Task<string?> ProveAsync()
    {
        if (Need is null) return null;
        var outcome = await stepUp.ProveAsync(act, Password, Code);
        // An authenticator set up since asks for a code as well.
        if (outcome is StepUpOutcome.Incomplete incomplete) Need = incomplete.Need;
        Code = null;
        if (outcome is StepUpOutcome.Proved) Clear();
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
