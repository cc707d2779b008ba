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

    public sealed record WrongPassword : SignInOutcome;

    public sealed record WrongCode : SignInOutcome;

    /// <param name="Until">Null = until an administrator unlocks it.</param>
    public sealed record LockedOut(DateTimeOffset? Until, int Attempts) : SignInOutcome;

    public sealed record LockedByAdministrator : SignInOutcome;

    public sealed record TooManyFromHere : SignInOutcome;

    public sealed record Busy : SignInOutcome;

    /// <summary>The half-done sign-in ended: five minutes passed, or the account changed. It starts again with the password.</summary>
    public sealed record Ended : SignInOutcome;

    /// <summary>The enrolment cannot be read; a system administrator must help.</summary>
    public sealed record Unreadable : SignInOutcome;

    /// <summary>The browser keeps no cookies, so nobody can be signed in.</summary>
    public sealed record NoCookies : SignInOutcome;
}
