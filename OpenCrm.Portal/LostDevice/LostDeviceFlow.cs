using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.LostDevice;

/// <summary>
/// The way in for somebody without the device (spec 3.2): a mailed link in place of the code, and the password all the same. Whoever reads the mailbox alone gets no
/// further than this, and whoever knows the password alone neither.
/// </summary>
public sealed class LostDeviceFlow(MailedLinkRequests requests, LostDeviceLinks links, Attempts attempts, MfaDisabling mfa, ClientConnection connection)
{
    /// <summary>
    /// From the confirmation until Home stands. The page is made anew for the person meanwhile, and would show its empty form for a moment: nothing typed into that is kept.
    /// </summary>
    public bool IsLeaving { get; set; }

    /// <summary>Asks for a link. The answer is the same for every name; who gets a mail is decided out of sight.</summary>
    /// <returns>False: too many requests from this network.</returns>
    public Task<bool> AskAsync(string typedName, CancellationToken cancel = default) =>
        requests.AddAsync(MailedLinkKind.LostDevice, typedName, connection.Nobody, cancel);

    /// <summary>How long a link works, in minutes.</summary>
    public Task<int> ReadLinkMinutesAsync(CancellationToken cancel = default) => links.ReadMinutesAsync(cancel);

    /// <summary>
    /// Disables MFA of the link's user and completes the sign-in, in the transaction that uses the link up. The link is judged first: without a good one no password is
    /// looked at. With a good one, a wrong password and anybody else's name are one wrong attempt of its user.
    /// </summary>
    public async Task<LostDeviceOutcome> ConfirmAsync(string token, string typedName, string password, CancellationToken cancel = default)
    {
        if (connection.BrowserHash is null) return new LostDeviceOutcome.NoCookies();
        var found = await links.FindOpenAsync(token, connection.Nobody, cancel);
        if (found is LostDeviceLink.TooManyFromHere) return new LostDeviceOutcome.Refused(new Refusal.TooManyFromHere());
        if (found is not LostDeviceLink.Open link) return new LostDeviceOutcome.LinkEnded();

        await using var attempt = await attempts.ReserveAsync(Target.OfLink(link.UserId, typedName), AskedAt.LostDevice, connection.Nobody, cancel);
        if ((await attempt.CheckPasswordAsync(password, cancel) ?? await attempt.SettleAsync(cancel)) is { } refusal)
            return refusal is Refusal.Changed ? new LostDeviceOutcome.LinkEnded() : new LostDeviceOutcome.Refused(refusal);
        var (work, user) = (attempt.Work, attempt.User);
        if (!await LostDeviceLinks.ConsumeAsync(work, user, token, cancel))
        {
            // Used or ended since it was found: only the attempt is given back.
            await work.CommitAsync(cancel);
            return new LostDeviceOutcome.LinkEnded();
        }
        if (!await work.Attempts.CompleteSignInAsync(user, work.Now, cancel)) return new LostDeviceOutcome.LinkEnded();
        if (!await mfa.DisableAsync(work, user.Id, MfaDisabledBy.LostDevice, connection.Nobody, cancel)) return new LostDeviceOutcome.LinkEnded();
        // After the removal, which ends whatever else is half done.
        var ticket = SignInTickets.Issue(work, user, provedByCode: false, connection);
        await work.CommitAsync(cancel);
        return new LostDeviceOutcome.Proved(ticket);
    }
}
