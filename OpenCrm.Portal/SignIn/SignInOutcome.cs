using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.SignIn;

/// <summary>How a step of signing in ended: a closed set.</summary>
public abstract record SignInOutcome
{
    private SignInOutcome() { }

    /// <summary>The password is right, and a code is due.</summary>
    public sealed record CodeRequired(string Name) : SignInOutcome;

    /// <summary>Both steps are proved; the browser fetches its cookie with the ticket.</summary>
    public sealed record Proved(string Ticket) : SignInOutcome
    {
        /// <summary>Without the ticket: a record prints its properties into whatever log it strays into.</summary>
        public override string ToString() => nameof(Proved);
    }

    /// <summary>The password, or the code, did not do.</summary>
    public sealed record Refused(Refusal Refusal) : SignInOutcome;

    /// <summary>The browser keeps no cookies, so nobody can be signed in.</summary>
    public sealed record NoCookies : SignInOutcome;
}
