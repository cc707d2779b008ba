using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.SignIn;

/// <summary>How a step of signing in ended: a closed set.</summary>
public abstract record SignInOutcome
{
    private SignInOutcome() { }

    /// <summary>The password is right; a code comes next. The name is shown above the code field.</summary>
    public sealed record CodeRequired(string Name) : SignInOutcome;

    /// <summary>Everything is proved. The browser exchanges the ticket for its cookie.</summary>
    public sealed record Proved(string Ticket) : SignInOutcome
    {
        /// <summary>Leaves out the ticket: a record prints all its properties, and so it would reach any log that prints the record.</summary>
        public override string ToString() => nameof(Proved);
    }

    /// <summary>The password or the code was refused.</summary>
    public sealed record Refused(Refusal Refusal) : SignInOutcome;

    /// <summary>The browser keeps no cookies, so nobody can be signed in.</summary>
    public sealed record NoCookies : SignInOutcome;
}
