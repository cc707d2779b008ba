using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Enrolment;

/// <summary>How an action of the wizard ended: a closed set.</summary>
public abstract record EnrolmentOutcome
{
    private EnrolmentOutcome() { }

    /// <summary>A key waits for its first code; nothing of the user's MFA has changed (spec 2.5).</summary>
    /// <param name="Username">The user's name, as the app shows it.</param>
    /// <param name="Issuer">The company's name, as the app shows it.</param>
    /// <param name="OtpauthUri">What the QR code says (spec 2.4). A secret.</param>
    /// <param name="ManualKey">The same key in groups of four. A secret.</param>
    /// <param name="Replaces">Whether an authenticator works already, until Save.</param>
    public sealed record Begun(
        string DisplayName, string Username, string Issuer, string OtpauthUri, IReadOnlyList<string> ManualKey, bool Replaces, bool ForSomebodyElse) : EnrolmentOutcome
    {
        /// <summary>It waited already: the page was loaded again, or another tab shows it too.</summary>
        public bool Resumed { get; init; }

        /// <summary>To be forgotten with the page that shows it.</summary>
        public EnrolmentRun? Run { get; init; }

        /// <summary>The name alone: a record would print its key into whatever log it strays into.</summary>
        public override string ToString() => nameof(Begun);
    }

    /// <summary>The last proof is older than 10 minutes (spec 3.5).</summary>
    public sealed record StepUpNeeded(StepUpFor For, StepUpNeed Need) : EnrolmentOutcome;

    /// <summary>The MFA switch is off (spec 2.1).</summary>
    public sealed record SwitchedOff : EnrolmentOutcome;

    /// <summary>Somebody else's authenticator works already: it must be disabled first (spec 3.5).</summary>
    public sealed record AlreadyEnrolled(string DisplayName) : EnrolmentOutcome;

    /// <summary>Only system administrators set up somebody else.</summary>
    public sealed record NotAllowed : EnrolmentOutcome;

    public sealed record NoSuchUser : EnrolmentOutcome;

    /// <summary>The account is inactive or locked: nobody could use the authenticator.</summary>
    public sealed record NotActive(string DisplayName) : EnrolmentOutcome;

    /// <summary>Right: the authenticator is stored, and any older one ended with it.</summary>
    public sealed record Saved : EnrolmentOutcome;

    public sealed record WrongCode : EnrolmentOutcome;

    /// <summary>The code fits another time: the device's clock is off (spec 2.6).</summary>
    /// <param name="By">Positive when the device is ahead.</param>
    public sealed record ClockOff(TimeSpan By) : EnrolmentOutcome;

    /// <summary>This run of the wizard ended after too many wrong codes; the next begins with a fresh key.</summary>
    public sealed record TooManyWrongCodes : EnrolmentOutcome;

    /// <summary>Begun too long ago.</summary>
    public sealed record Expired : EnrolmentOutcome;

    /// <summary>Another tab of this session, which shows the same key, has saved it.</summary>
    public sealed record AlreadySaved : EnrolmentOutcome;

    /// <summary>The run was ended elsewhere: cancelled in another tab, or dropped with MFA.</summary>
    public sealed record Ended : EnrolmentOutcome;

    /// <summary>The account or its authenticator is no longer what it was when the wizard began.</summary>
    public sealed record Changed : EnrolmentOutcome;
}
