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

    /// <summary>Password or code is not right; it is not said which.</summary>
    public sealed record Wrong : SignInAgainOutcome;

    /// <summary>A field that is needed was left empty; nothing was looked at.</summary>
    public sealed record Incomplete(bool AskCode) : SignInAgainOutcome;

    /// <summary>The account is locked. If these answers did it, the session ended with it; the wrong answers of others leave it open.</summary>
    public sealed record LockedOut : SignInAgainOutcome;

    /// <summary>Not looked at: too many at once, or from this network, or the account changed.</summary>
    public sealed record TryLater : SignInAgainOutcome;

    /// <summary>MFA is on but the key cannot be read. Refused; the operator is told.</summary>
    public sealed record Unreadable : SignInAgainOutcome;

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
    UnitsOfWork units, CredentialCheck credentials, ClientConnection connection, PortalAuthenticationStateProvider authentication)
{
    /// <summary>Null: there is no session to go on with, and the page leaves.</summary>
    public async Task<SignInAgainQuestion?> QuestionAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        if (await PersonAsync(work, cancel) is not { } person) return null;
        var settings = await work.SettingsAsync<SecuritySettings>(cancel);
        var user = await work.Users.FindAsync(person.UserId, cancel);
        return new(person.Name, settings.SessionTimeoutMinutes, user is not null && AsksCode(user, settings));
    }

    public async Task<SignInAgainOutcome> ProveAsync(string? password, string? code, CancellationToken cancel = default)
    {
        if (connection.BrowserHash is null) return new SignInAgainOutcome.NoCookies();
        Caller.Person person;
        PortalUser user;
        SecuritySettings settings;
        await using (var work = await units.ReadAsync(cancel))
        {
            if (await PersonAsync(work, cancel) is not { } found) return new SignInAgainOutcome.Ended();
            (person, settings, user) = (found, await work.SettingsAsync<SecuritySettings>(cancel), (await work.Users.FindAsync(found.UserId, cancel))!);
        }
        var askCode = AsksCode(user, settings);
        if (string.IsNullOrEmpty(password) || (askCode && string.IsNullOrWhiteSpace(code))) return new SignInAgainOutcome.Incomplete(askCode);

        string? ticket = null;
        var by = connection.Nobody with { Waking = person };
        var verdict = await credentials.PasswordAsync(user.Id, password, AskedAt.SignInAgain, by, async (work, now, settingsNow) =>
        {
            // A second factor that is half there refuses; it never lets the password alone through (security I5).
            if (settingsNow.MfaEnabled && AuthenticatorKeys.HalfThere(now) is { } half)
            {
                await work.NoteUnreadableAsync(now, half, by, cancel);
                return new Verdict.Unreadable();
            }
            return Verdict.RightIf(AsksCode(now, settingsNow) == askCode && (askCode || await CompleteAsync(work, now, provedByCode: false)));
        }, cancel);
        if (verdict is Verdict.Right && askCode)
            // On the account as the password proved it: its stamp.
            verdict = await credentials.CodeAsync(user.Id, user.Authenticator!.Id, user.SecurityStamp, code!, AskedAt.SignInAgain, by,
                async (work, now, _) => Verdict.RightIf(await CompleteAsync(work, now, provedByCode: true)), cancel);
        return verdict switch
        {
            Verdict.Right => new SignInAgainOutcome.Proved(ticket!),
            Verdict.Wrong => new SignInAgainOutcome.Wrong(),
            Verdict.LockedOut => new SignInAgainOutcome.LockedOut(),
            Verdict.Unreadable => new SignInAgainOutcome.Unreadable(),
            _ => new SignInAgainOutcome.TryLater(),
        };

        async Task<bool> CompleteAsync(UnitOfWork work, PortalUser now, bool provedByCode)
        {
            if (!await work.Users.CompleteSignInAsync(now, work.Now, cancel)) return false;
            // The device is there after all (spec 3.2).
            if (provedByCode) await MailedLinks.EndLostDeviceAsync(work, now.Id, cancel);
            ticket = SignInTickets.Issue(work, now, provedByCode, connection, resumes: person.SessionId);
            return true;
        }
    }

    /// <summary>Whose session this circuit's is; null if it ended, and then the page is told.</summary>
    private async Task<Caller.Person?> PersonAsync(UnitOfWork work, CancellationToken cancel)
    {
        if (authentication.SessionId is not { } session) return null;
        switch (await SessionCheck.JudgeAsync(work, session, cancel))
        {
            case SessionStanding.Idle idle:
                return idle.Person;
            case SessionStanding.Stands stands:
                // Another tab was quicker, and this one is told in a moment; a right answer does no harm.
                return stands.Caller;
            case SessionStanding.Ended ended:
                authentication.SwitchToNobody(ended.By);
                return null;
            default:
                authentication.SwitchToNobody(SessionEnd.Expired);
                return null;
        }
    }

    private static bool AsksCode(PortalUser user, SecuritySettings settings) => settings.MfaEnabled && user.Authenticator is not null;
}
