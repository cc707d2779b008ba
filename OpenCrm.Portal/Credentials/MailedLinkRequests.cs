using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>Takes requests for mailed links. Nothing is looked up while somebody waits: a known name and an unknown one run the same statements (spec 1.6, 3.2).</summary>
public sealed class MailedLinkRequests(UnitsOfWork units, IOptionsMonitor<SignInLimits> limits, Refusals refusals)
{
    private const string Purpose = "Mailed-link request";

    /// <summary>Notes that somebody asked for a link; a worker decides afterwards who gets a mail.</summary>
    /// <returns>False: too many requests from this network.</returns>
    public async Task<bool> AddAsync(MailedLinkKind kind, string typedName, Caller by, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        if (!await work.Addresses.ReserveAsync(AddressCount.KeyOf("mailed-link", by.Address), limits.CurrentValue.MailedLinks, SignInLimits.MailedLinksWindow, work.Now, cancel))
        {
            refusals.Note(RefusalKind.MailedLinkLimit, by, $"{kind}: {limits.CurrentValue.MailedLinks} in an hour (Limits:MailedLinks)");
            return false;
        }
        var name = typedName.Trim();
        // Nobody's name is longer, or holds what no name may; the row is written all the same.
        if (name.Length > AccountName.EmailLength || !IncomingText.IsLine(name)) name = "";
        work.Add(new MailedLinkRequest
        {
            Id = Guid.CreateVersion7(work.Now),
            Kind = kind,
            ProtectedName = work.Encryption.Protect(Purpose, Encoding.UTF8.GetBytes(name)),
            Address = by.Address,
            At = work.Now,
        });
        work.AfterCommit<MailedLinkSignal>(signal => signal.Raise());
        await work.CommitAsync(cancel);
        return true;
    }

    /// <summary>The name that was typed.</summary>
    /// <exception cref="CryptographicException">This key ring did not encrypt it, or has not seen the newest key yet.</exception>
    internal static string TypedName(UnitOfWork work, MailedLinkRequest request) => Encoding.UTF8.GetString(work.Encryption.Unprotect(Purpose, request.ProtectedName));
}
