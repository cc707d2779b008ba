using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>What the dialog over an idle session says and asks.</summary>
public sealed record SignInAgainQuestion(string Name, int TimeoutMinutes, bool AskCode);

/// <summary>How signing in again ended.</summary>
public abstract record SignInAgainOutcome
{
    private SignInAgainOutcome() { }

    /// <param name="Ticket">The browser redeems it; the same session goes on.</param>
    public sealed record Proved(string Ticket) : SignInAgainOutcome
    {
        /// <summary>Without the ticket: a record prints its properties into whatever log it strays into.</summary>
        public override string ToString() => nameof(Proved);
    }

    /// <summary>A field that is needed was left empty; nothing was looked at.</summary>
    public sealed record Incomplete(bool AskCode) : SignInAgainOutcome;

    /// <summary>
    /// An answer did not do; of password and code it is not said which. An account that this answer locked has lost the session with it; the wrong answers of others leave
    /// it open.
    /// </summary>
    public sealed record Refused(Refusal Refusal) : SignInAgainOutcome;

    /// <summary>No cookie can be set.</summary>
    public sealed record NoCookies : SignInAgainOutcome;

    /// <summary>The session ended meanwhile, and the page leaves.</summary>
    public sealed record Ended : SignInAgainOutcome;
}

/// <summary>
/// Signing in again to a session that was idle (spec 4.5): the password and, if enrolled, a code, checked and counted as at any sign-in. It asks nothing of the caller but
/// the session of this circuit, which opens nothing else until then.
/// </summary>
public sealed class SignInAgain(
    UnitsOfWork units, Attempts attempts, ClientConnection connection, PortalAuthenticationStateProvider authentication)
{
    /// <summary>Null: there is no session to go on with, and the page leaves.</summary>
    public async Task<SignInAgainQuestion?> ReadQuestionAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        if (await PersonAsync(work, cancel) is not { } person) return null;
        var settings = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        var user = await work.Users.FindAsync(person.UserId, cancel);
        return new(person.Name, settings.SessionTimeoutMinutes, user?.SecondFactor(settings) is SecondFactor.Due);
    }

    public async Task<SignInAgainOutcome> ProveAsync(string? password, string? code, CancellationToken cancel = default)
    {
        if (connection.BrowserHash is null) return new SignInAgainOutcome.NoCookies();
        Caller.Person person;
        PortalUser user;
        SecondFactor asked;
        await using (var reading = await units.ReadAsync(cancel))
        {
            if (await PersonAsync(reading, cancel) is not { } found) return new SignInAgainOutcome.Ended();
            (person, user) = (found, (await reading.Users.FindAsync(found.UserId, cancel))!);
            asked = user.SecondFactor(await reading.ReadSettingsAsync<SecuritySettings>(cancel));
        }
        var askCode = asked is SecondFactor.Due;
        if (string.IsNullOrEmpty(password) || (askCode && string.IsNullOrWhiteSpace(code))) return new SignInAgainOutcome.Incomplete(askCode);

        var by = connection.Nobody with { Waking = person };
        return await SubmitPasswordAsync(person, password, askCode, by, cancel)
            // On the account as the password proved it: its stamp.
            ?? await SubmitCodeAsync(person, Target.Enrolled(user.Id, ((SecondFactor.Due)asked).AuthenticatorId, user.SecurityStamp), code!, by, cancel);
    }

    /// <returns>Null: it is right, and the code follows.</returns>
    private async Task<SignInAgainOutcome?> SubmitPasswordAsync(Caller.Person person, string password, bool askCode, Caller by, CancellationToken cancel)
    {
        await using var attempt = await attempts.ReserveAsync(Target.User(person.UserId), AskedAt.SignInAgain, by, cancel);
        if ((await attempt.CheckPasswordAsync(password, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal) return new SignInAgainOutcome.Refused(refusal);
        var factor = attempt.User.SecondFactor(attempt.Settings);
        if (factor is SecondFactor.Broken broken) return new SignInAgainOutcome.Refused(await attempt.RefuseUnreadableAsync(broken.Why, cancel));
        // Set up or disabled since the dialog asked.
        if (factor is SecondFactor.Due != askCode) return new SignInAgainOutcome.Refused(new Refusal.Changed());
        if (!askCode) return await CompleteAsync(attempt, person, provedByCode: false, cancel);
        await attempt.Work.CommitAsync(cancel);
        return null;
    }

    private async Task<SignInAgainOutcome> SubmitCodeAsync(Caller.Person person, Target enrolled, string code, Caller by, CancellationToken cancel)
    {
        await using var attempt = await attempts.ReserveAsync(enrolled, AskedAt.SignInAgain, by, cancel);
        if ((await attempt.CheckCodeAsync(code, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal) return new SignInAgainOutcome.Refused(refusal);
        return await CompleteAsync(attempt, person, provedByCode: true, cancel);
    }

    private async Task<SignInAgainOutcome> CompleteAsync(Attempt attempt, Caller.Person person, bool provedByCode, CancellationToken cancel)
    {
        var (work, user) = (attempt.Work, attempt.User);
        if (!await work.Attempts.CompleteSignInAsync(user, work.Now, cancel)) return new SignInAgainOutcome.Refused(new Refusal.Changed());
        // The device is there after all (spec 3.2).
        if (provedByCode) await LostDeviceLinks.EndAsync(work, user.Id, cancel);
        var ticket = SignInTickets.Issue(work, user, provedByCode, connection, resumes: person.SessionId);
        await work.CommitAsync(cancel);
        return new SignInAgainOutcome.Proved(ticket);
    }

    /// <summary>Whose session this circuit's is; null if it ended, and then the page is told.</summary>
    private async Task<Caller.Person?> PersonAsync(UnitOfWork work, CancellationToken cancel)
    {
        if (authentication.SessionId is not { } session) return null;
        switch (await SessionCheck.EvaluateAsync(work, session, cancel))
        {
            case SessionState.Idle idle:
                return idle.Person;
            case SessionState.Active active:
                // Another tab was quicker, and this one is told in a moment; a right answer does no harm.
                return active.Caller;
            case SessionState.Ended ended:
                authentication.SwitchToNobody(ended.By);
                return null;
            default:
                authentication.SwitchToNobody(SessionEnd.Expired);
                return null;
        }
    }
}
