using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Enrolment;

/// <summary>How an action of the wizard ended: a closed set.</summary>
public abstract record EnrolmentOutcome
{
    private EnrolmentOutcome() { }

    /// <summary>A key waits for its first code. Nothing of the user's MFA has changed yet.</summary>
    /// <param name="Username">The username as the app shows it.</param>
    /// <param name="Issuer">The company's name as the app shows it.</param>
    /// <param name="OtpauthUri">The content of the QR code (docs/spec.md 2.4). A secret.</param>
    /// <param name="ManualKey">The same key in groups of four. A secret.</param>
    /// <param name="Replaces">Whether there is an older authenticator that Save replaces, and which works until then.</param>
    public sealed record Begun(
        string DisplayName, string Username, string Issuer, string OtpauthUri, IReadOnlyList<string> ManualKey,
        bool Replaces, bool ForSomebodyElse) : EnrolmentOutcome
    {
        /// <summary>Whether it is set up beside the person's other authenticators.</summary>
        public bool Adds { get; init; }

        /// <summary>The name that stands in its field until the person types another.</summary>
        public string SuggestedName { get; init; } = Texts.Enrolment_DefaultName;

        /// <summary>The key existed already: the page was loaded again, or another tab shows it too.</summary>
        public bool Resumed { get; init; }

        /// <summary>The run that this page shows; the page forgets it when it is disposed.</summary>
        public EnrolmentRun? Run { get; init; }

        /// <summary>Prints the name only: a record prints all its properties, and so the key would reach any log that prints the record.</summary>
        public override string ToString() => nameof(Begun);
    }

    /// <summary>The person has authenticators already, and is asked whether to add another or replace one.</summary>
    public sealed record ChoiceNeeded(IReadOnlyList<EnrolledAuthenticator> Authenticators) : EnrolmentOutcome
    {
        /// <summary>Whether one more is allowed.</summary>
        public bool MayAdd => Authenticators.Count < Accounts.Authenticator.MostPerUser;
    }

    /// <summary>The person has as many authenticators as one may have.</summary>
    public sealed record Full : EnrolmentOutcome;

    /// <summary>The name of the authenticator is too long, or holds characters that nobody can read; the code was not looked at.</summary>
    public sealed record NameRefused : EnrolmentOutcome;

    /// <summary>The last proof is older than 10 minutes; a fresh one comes first.</summary>
    public sealed record StepUpNeeded(StepUpFor For, StepUpNeed Need) : EnrolmentOutcome;

    /// <summary>The MFA switch is off.</summary>
    public sealed record SwitchedOff : EnrolmentOutcome;

    /// <summary>The other person is enrolled already; that enrolment must be disabled first.</summary>
    public sealed record AlreadyEnrolled(string DisplayName) : EnrolmentOutcome;

    /// <summary>The caller is not a system administrator, and only those may set up other people.</summary>
    public sealed record NotAllowed : EnrolmentOutcome;

    public sealed record NoSuchUser : EnrolmentOutcome;

    /// <summary>The account is inactive or locked, so nobody could use the authenticator.</summary>
    public sealed record NotActive(string DisplayName) : EnrolmentOutcome;

    /// <summary>The code is right: the authenticator is stored.</summary>
    /// <param name="Codes">Recovery codes to show once; null where the person has saved some, or somebody else set it up.</param>
    public sealed record Saved(RecoveryCodesOutcome.Made? Codes = null) : EnrolmentOutcome;

    /// <summary>Too many passwords are being checked at this moment; nothing was stored, and the key is still good.</summary>
    public sealed record Busy : EnrolmentOutcome;

    public sealed record WrongCode : EnrolmentOutcome;

    /// <summary>The code belongs to another time: the device's clock is off (docs/spec.md 2.6).</summary>
    /// <param name="By">How far it is off; positive when the device is ahead.</param>
    public sealed record ClockOff(TimeSpan By) : EnrolmentOutcome;

    /// <summary>This run of the wizard ended after too many wrong codes; the next one begins with a new key.</summary>
    public sealed record TooManyWrongCodes : EnrolmentOutcome;

    /// <summary>The run began too long ago.</summary>
    public sealed record Expired : EnrolmentOutcome;

    /// <summary>Another tab of this session, showing the same key, has saved it.</summary>
    public sealed record AlreadySaved : EnrolmentOutcome;

    /// <summary>The run was ended elsewhere: cancelled in another tab, or dropped when MFA was disabled.</summary>
    public sealed record Ended : EnrolmentOutcome;

    /// <summary>The account or its authenticator has changed since the wizard began.</summary>
    public sealed record Changed : EnrolmentOutcome;
}
