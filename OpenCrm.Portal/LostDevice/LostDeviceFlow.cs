using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.LostDevice;

/// <summary>
/// The way in for somebody without the device (spec 3.2): a mailed link in place of the code, and the password all the same. Whoever reads the mailbox alone gets no
/// further than this, and whoever knows the password alone neither.
/// </summary>
public sealed class LostDeviceFlow(MailedLinks links, CredentialCheck credentials, MfaRemoval removal, ClientConnection connection)
{
    /// <summary>
    /// From the confirmation until Home stands. The page is made anew for the person meanwhile, and would show its empty form for a moment: nothing typed into that is kept.
    /// </summary>
    public bool IsLeaving { get; set; }

    /// <summary>Asks for a link. The answer is the same for every name; who gets a mail is decided out of sight.</summary>
    /// <returns>False: too many requests from this network.</returns>
    public Task<bool> AskAsync(string typedName, CancellationToken cancel = default) =>
        links.AskAsync(MailedLinkKind.LostDevice, typedName, connection.Nobody, cancel);

    /// <summary>How long a link works, in minutes.</summary>
    public Task<int> LinkMinutesAsync(CancellationToken cancel = default) => links.LostDeviceMinutesAsync(cancel);

    /// <summary>
    /// Disables MFA of the link's user and completes the sign-in, in the transaction that uses the link up. The link is judged first: without a good one no password is
    /// looked at. With a good one, a wrong password and anybody else's name are one wrong attempt of its user.
    /// </summary>
    public async Task<LostDeviceOutcome> ConfirmAsync(string token, string typedName, string password, CancellationToken cancel = default)
    {
        if (connection.BrowserHash is null) return new LostDeviceOutcome.NoCookies();
        switch (await links.JudgeLostDeviceAsync(token, connection.Nobody, cancel))
        {
            case LostDeviceLinkVerdict.Good good:
                return await ConfirmAsync(good.UserId, token, typedName, password, cancel);
            case LostDeviceLinkVerdict.TooManyFromHere:
                return new LostDeviceOutcome.TooManyFromHere();
            default:
                return new LostDeviceOutcome.LinkEnded();
        }
    }

    private async Task<LostDeviceOutcome> ConfirmAsync(Guid userId, string token, string typedName, string password, CancellationToken cancel)
    {
        string? ticket = null;
        var verdict = await credentials.PasswordAsync(userId, typedName, password, AskedAt.LostDevice, connection.Nobody, async (work, user, _) =>
        {
            // Used or ended since it was judged: only the attempt is given back.
            if (!await MailedLinks.UseLostDeviceAsync(work, user, token, cancel)) return new Verdict.Right();
            ticket = await CompleteAsync(work, user, cancel);
            return Verdict.RightIf(ticket is not null);
        }, cancel);
        return verdict switch
        {
            Verdict.Right when ticket is not null => new LostDeviceOutcome.Proved(ticket),
            Verdict.Wrong => new LostDeviceOutcome.Wrong(),
            Verdict.LockedOut locked => new LostDeviceOutcome.LockedOut(locked.Until, locked.Attempts),
            Verdict.LockedByAdministrator => new LostDeviceOutcome.LockedByAdministrator(),
            Verdict.TooManyFromHere => new LostDeviceOutcome.TooManyFromHere(),
            Verdict.Busy => new LostDeviceOutcome.Busy(),
            _ => new LostDeviceOutcome.LinkEnded(),
        };
    }

    /// <summary>The ticket after the removal, which ends whatever else is half done.</summary>
    private async Task<string?> CompleteAsync(UnitOfWork work, PortalUser user, CancellationToken cancel) =>
        await work.Users.CompleteSignInAsync(user, work.Now, cancel) && await removal.RemoveAsync(work, user.Id, MfaDisabledBy.LostDevice, connection.Nobody, cancel)
            ? SignInTickets.Issue(work, user, provedByCode: false, connection)
            : null;
}
