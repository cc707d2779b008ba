using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.LostDevice;

/// <summary>
/// Signs in people who have lost their device (docs/spec.md 3.2): a mailed link takes the place of the code, and the password is needed as well.
/// Somebody who only knows the password gets nowhere. Whoever reads the mailbox can get the password by it as well, which the mails to the person and
/// to every system administrator show, and a waiting time delays.
/// </summary>
public sealed class LostDeviceFlow(
    MailedLinkRequests requests, LostDeviceLinks links, Attempts attempts, MfaDisabling mfa, ClientConnection connection)
{
    /// <summary>
    /// True from the confirmation until the home page is shown. Meanwhile the page is rendered again for the new person and would show its empty form
    /// for a moment; anything typed into that would be lost.
    /// </summary>
    public bool IsLeaving { get; set; }

    /// <summary>Asks for a link. The answer is the same for every name; a worker decides later who gets a mail.</summary>
    /// <returns>False if too many requests came from this network.</returns>
    public Task<bool> AskAsync(string typedName, CancellationToken cancel = default) =>
        requests.AddAsync(MailedLinkKind.LostDevice, typedName, connection.Nobody, cancel);

    /// <summary>Reads how long a link works, and how long MFA stays after it.</summary>
    public Task<LostDeviceTerms> ReadTermsAsync(CancellationToken cancel = default) => links.ReadTermsAsync(cancel);

    /// <summary>
    /// Disables MFA of the link's user and completes the sign-in, in the transaction that uses up the link; under a waiting time it schedules the
    /// removal instead, and nobody is signed in (docs/spec.md 11.7). The link is checked first: without a valid one no password is checked. With a
    /// valid one, a wrong password or another person's name is one wrong attempt of the link's user.
    /// </summary>
    public async Task<LostDeviceOutcome> ConfirmAsync(string token, string typedName, string password, CancellationToken cancel = default)
    {
        if (connection.BrowserHash is null) return new LostDeviceOutcome.NoCookies();
        var found = await links.FindOpenAsync(token, connection.Nobody, cancel);
        if (found is LostDeviceLink.TooManyFromHere) return new LostDeviceOutcome.Refused(new Refusal.TooManyFromHere());
        if (found is not LostDeviceLink.Open link) return new LostDeviceOutcome.LinkEnded();

        await using var attempt = await attempts.ReserveAsync(
            Target.OfLink(link.UserId, typedName), AskedAt.LostDevice, connection.Nobody, connection.Gone);
        if ((await attempt.CheckPasswordAsync(password, connection.Gone) ?? await attempt.SettleAsync(cancel)) is { } refusal)
            return refusal is Refusal.Changed ? new LostDeviceOutcome.LinkEnded() : new LostDeviceOutcome.Refused(refusal);
        var (work, user) = (attempt.Work, attempt.User);
        if (!await LostDeviceLinks.ConsumeAsync(work, user, token, cancel))
        {
            // The link was used or ended since it was found. The commit only gives the attempt back.
            await work.CommitAsync(cancel);
            return new LostDeviceOutcome.LinkEnded();
        }
        if (attempt.Settings.LostDeviceWaitHours is > 0 and var hours)
        {
            var due = await MfaRemovals.ScheduleAsync(work, user, TimeSpan.FromHours(hours), connection.Nobody, cancel);
            await work.CommitAsync(cancel);
            return new LostDeviceOutcome.Waiting(due);
        }
        if (!await work.Attempts.CompleteSignInAsync(user, work.Now, cancel)
            || !await mfa.DisableAsync(work, user.Id, MfaDisabledBy.LostDevice, connection.Nobody, cancel))
        {
            attempt.RefuseChanged();
            return new LostDeviceOutcome.LinkEnded();
        }
        // Issued after MFA is disabled, because that ends everything half done, unredeemed tickets included.
        var ticket = SignInTickets.Issue(work, user, provedByCode: false, connection, recoveredBy: RecoveryKind.LostDevice);
        await work.CommitAsync(cancel);
        return new LostDeviceOutcome.Proved(ticket);
    }
}
