using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.LostDevice;

/// <summary>How the confirmation of a lost-device link ended: a closed set.</summary>
public abstract record LostDeviceOutcome
{
    private LostDeviceOutcome() { }

    /// <summary>MFA is off and the sign-in is complete. The browser exchanges the ticket for its cookie.</summary>
    public sealed record Proved(string Ticket) : LostDeviceOutcome
    {
        /// <summary>Leaves out the ticket: a record prints all its properties, and so it would reach any log that prints the record.</summary>
        public override string ToString() => nameof(Proved);
    }

    /// <summary>The removal of MFA is scheduled, and nobody is signed in (docs/spec.md 11.7).</summary>
    /// <param name="Due">When MFA is removed.</param>
    public sealed record Waiting(DateTimeOffset Due) : LostDeviceOutcome;

    /// <summary>
    /// The link does not exist, was used, replaced or ended, expired, or is for something else. All cases have one answer, and nothing else was
    /// checked.
    /// </summary>
    public sealed record LinkEnded : LostDeviceOutcome;

    /// <summary>
    /// Name or password was refused; the answer does not say which. A wrong answer counts on the counter of the link's user. After too many failures
    /// from this network the link was not looked up.
    /// </summary>
    public sealed record Refused(Refusal Refusal) : LostDeviceOutcome;

    /// <summary>The browser keeps no cookies, so nobody can be signed in; nothing was checked.</summary>
    public sealed record NoCookies : LostDeviceOutcome;
}
