using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Enrolment;

/// <summary>How a step of the wizard ended: a closed set.</summary>
public abstract record EnrolmentOutcome
{
    private EnrolmentOutcome() { }

    /// <summary>A new key waits to be scanned; nothing is stored.</summary>
    public sealed record Begun(EnrolmentView View) : EnrolmentOutcome;

    /// <summary>MFA is on for the person.</summary>
    public sealed record Saved : EnrolmentOutcome;

    public sealed record WrongCode : EnrolmentOutcome;

    /// <summary>The code is of the right key, but of another time.</summary>
    /// <param name="Drift">Positive: the device's clock is ahead.</param>
    public sealed record ClockOff(TimeSpan Drift) : EnrolmentOutcome;

    public sealed record TooManyWrongCodes : EnrolmentOutcome;

    /// <summary>The wizard stood open too long, or the account or its enrolment changed meanwhile; it starts again with a new key.</summary>
    public sealed record Ended : EnrolmentOutcome;

    public sealed record StepUpNeeded(StepUpFor For, StepUpNeed Need) : EnrolmentOutcome;

    /// <summary>The MFA switch is off (spec 2.1).</summary>
    public sealed record SwitchedOff : EnrolmentOutcome;

    /// <summary>An administrator cannot set up somebody who is enrolled: disable first (spec 3.5).</summary>
    public sealed record EnrolledAlready(string Name) : EnrolmentOutcome;

    public sealed record NoSuchUser : EnrolmentOutcome;
}

/// <summary>What the wizard shows. It holds the key, so it stays in the circuit's memory and goes with the wizard.</summary>
/// <param name="ForSomebodyElse">The person's name, when an administrator does it for them.</param>
public sealed record EnrolmentView(string Username, string Issuer, string OtpauthUri, IReadOnlyList<string> ManualKey, bool Replaces, string? ForSomebodyElse)
{
    /// <summary>Without the key: a record prints its properties into whatever log it strays into.</summary>
    public override string ToString() => $"Enrolment of {Username}";
}
