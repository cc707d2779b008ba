using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.LostDevice;

/// <summary>How the confirmation of a lost-device link ended: a closed set.</summary>
public abstract record LostDeviceOutcome
{
    private LostDeviceOutcome() { }

    /// <summary>MFA is off and the sign-in is complete; the browser fetches its cookie with the ticket.</summary>
    public sealed record Proved(string Ticket) : LostDeviceOutcome
    {
        /// <summary>Without the ticket: a record prints its properties into whatever log it strays into.</summary>
        public override string ToString() => nameof(Proved);
    }

    /// <summary>No such link, or used, replaced, too old, ended, somebody's of another kind: one answer for all. Nothing else was looked at.</summary>
    public sealed record LinkEnded : LostDeviceOutcome;

    /// <summary>
    /// Name and password did not do: of the two it is not said which. A wrong answer counts on the counter of the link's user; after too many from this network the link was
    /// not looked at.
    /// </summary>
    public sealed record Refused(Refusal Refusal) : LostDeviceOutcome;

    /// <summary>The browser keeps no cookies, so nobody can be signed in; nothing was looked at.</summary>
    public sealed record NoCookies : LostDeviceOutcome;
}
