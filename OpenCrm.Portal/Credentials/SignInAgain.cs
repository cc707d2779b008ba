using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>What the dialog over an idle session shows and asks for.</summary>
public sealed record SignInAgainQuestion(string Name, int TimeoutMinutes, bool AskCode);

/// <summary>How signing in again ended: a closed set.</summary>
public abstract record SignInAgainOutcome
{
    private SignInAgainOutcome() { }

    /// <param name="Ticket">The ticket that the browser redeems; the same session goes on.</param>
    public sealed record Proved(string Ticket) : SignInAgainOutcome
    {
        /// <summary>Leaves out the ticket: a record prints all its properties, and so it would reach any log that prints the record.</summary>
        public override string ToString() => nameof(Proved);
    }

    /// <summary>A required field was empty; nothing was checked.</summary>
    public sealed record Incomplete(bool AskCode) : SignInAgainOutcome;

    /// <summary>
    /// The password or the code was refused; the answer does not say which. An account that this answer locked has lost the session with it; the
    /// wrong answers of others leave the session open.
    /// </summary>
    public sealed record Refused(Refusal Refusal) : SignInAgainOutcome;

    /// <summary>The browser keeps no cookies.</summary>
    public sealed record NoCookies : SignInAgainOutcome;

    /// <summary>The session ended meanwhile; the page leaves.</summary>
    public sealed record Ended : SignInAgainOutcome;
}

/// <summary>
/// Signs a person in again to an idle session (docs/spec.md 4.5): the password and, if enrolled, a code, checked and counted as at any sign-in. The
/// caller needs only the session of this circuit, which opens nothing else until then.
/// </summary>
public sealed class SignInAgain(
    UnitsOfWork units, Attempts attempts, ClientConnection connection, PortalAuthenticationStateProvider authentication)
{
    /// <summary>Reads what the dialog asks for. Null if the session has ended; the page then leaves.</summary>
    public async Task<SignInAgainQuestion?> ReadQuestionAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        if (await PersonAsync(work, cancel) is not { } person) return null;
        var settings = await work.ReadSettingsAsync<SecuritySettings>(cancel);
        var user = await work.Users.FindAsync(person.UserId, cancel);
        return new(person.Name, settings.SessionTimeoutMinutes, user?.SecondFactor(settings) is SecondFactor.Due);
    }

    /// <summary>Checks password and code, and issues a ticket for the same session.</summary>
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
            // The code must be for the account as it was when the password was checked, so its stamp goes along.
            ?? await SubmitCodeAsync(
                person, Target.SecondFactor(code!, user.Id, ((SecondFactor.Due)asked).EnrolmentId, user.SecurityStamp), code!, by, cancel);
    }

    /// <returns>Null if the password is right and the code comes next.</returns>
    private async Task<SignInAgainOutcome?> SubmitPasswordAsync(
        Caller.Person person, string password, bool askCode, Caller by, CancellationToken cancel)
    {
        await using var attempt = await attempts.ReserveAsync(Target.User(person.UserId), AskedAt.SignInAgain, by, connection.Gone);
        if ((await attempt.CheckPasswordAsync(password, connection.Gone) ?? await attempt.SettleAsync(cancel)) is { } refusal)
            return new SignInAgainOutcome.Refused(refusal);
        var factor = attempt.User.SecondFactor(attempt.Settings);
        if (factor is SecondFactor.Broken broken) return new SignInAgainOutcome.Refused(await attempt.RefuseUnreadableAsync(broken.Why, cancel));
        // MFA was set up or disabled since the dialog asked.
        if (factor is SecondFactor.Due != askCode) return new SignInAgainOutcome.Refused(attempt.RefuseChanged());
        if (!askCode) return await CompleteAsync(attempt, person, provedByCode: false, cancel);
        await attempt.Work.CommitAsync(cancel);
        return null;
    }

    private async Task<SignInAgainOutcome> SubmitCodeAsync(Caller.Person person, Target enrolled, string code, Caller by, CancellationToken cancel)
    {
        await using var attempt = await attempts.ReserveAsync(enrolled, AskedAt.SignInAgain, by, cancel);
        if ((await attempt.CheckCodeAsync(code, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal)
            return new SignInAgainOutcome.Refused(refusal);
        return await CompleteAsync(attempt, person, provedByCode: true, cancel);
    }

    private async Task<SignInAgainOutcome> CompleteAsync(Attempt attempt, Caller.Person person, bool provedByCode, CancellationToken cancel)
    {
        var (work, user) = (attempt.Work, attempt.User);
        if (!await work.Attempts.CompleteSignInAsync(user, work.Now, cancel)) return new SignInAgainOutcome.Refused(attempt.RefuseChanged());
        // The person has the device after all.
        if (provedByCode && attempt.RecoveredBy is null) await LostDeviceLinks.EndAsync(work, user.Id, cancel);
        var ticket = SignInTickets.Issue(work, user, provedByCode, connection, resumes: person.SessionId, attempt.RecoveredBy);
        await work.CommitAsync(cancel);
        return new SignInAgainOutcome.Proved(ticket);
    }

    /// <summary>The person of this circuit's session. Null if the session ended; then the circuit switches to nobody.</summary>
    private async Task<Caller.Person?> PersonAsync(UnitOfWork work, CancellationToken cancel)
    {
        if (authentication.SessionId is not { } session) return null;
        switch (await SessionCheck.EvaluateAsync(work, session, cancel))
        {
            case SessionState.Idle idle:
                return idle.Person;
            case SessionState.Active active:
                // Another tab was quicker, and this one hears of it in a moment; a right answer does no harm.
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
