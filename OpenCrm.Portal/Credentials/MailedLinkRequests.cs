using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Stores requests for mailed links. Nothing is looked up while the visitor waits, so known and unknown names run the same statements (docs/spec.md
/// 1.6).
/// </summary>
public sealed class MailedLinkRequests(UnitsOfWork units, IOptionsMonitor<SignInLimits> limits, Refusals refusals)
{
    private const string Purpose = "Mailed-link request";

    /// <summary>Stores a request for a link; a worker decides afterwards who gets a mail.</summary>
    /// <returns>False if too many requests came from this network.</returns>
    public async Task<bool> AddAsync(MailedLinkKind kind, string typedName, Caller by, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var count = AddressCount.KeyOf("mailed-link", by.Address);
        if (!await work.Addresses.ReserveAsync(count, limits.CurrentValue.MailedLinks, SignInLimits.MailedLinksWindow, work.Now, cancel))
        {
            refusals.Note(RefusalKind.MailedLinkLimit, by, $"{kind}: {limits.CurrentValue.MailedLinks} in an hour (Limits:MailedLinks)");
            return false;
        }
        var name = typedName.Trim();
        // No account has a name like this: too long, or with characters that no name may hold. The row is written all the same.
        if (name.Length > AccountName.EmailLength || !IncomingText.IsLine(name)) name = "";
        work.Add(new MailedLinkRequest
        {
            Id = Guid.CreateVersion7(work.Now),
            Kind = kind,
            ProtectedName = work.Encryption.Protect(Purpose, Encoding.UTF8.GetBytes(name)),
            Address = by.Address,
            Language = Languages.Of(CultureInfo.CurrentUICulture)?.Name,
            At = work.Now,
        });
        work.AfterCommit<MailedLinkSignal>(signal => signal.Raise());
        await work.CommitAsync(cancel);
        return true;
    }

    /// <summary>Decrypts the name that was typed.</summary>
    /// <exception cref="CryptographicException">This key ring did not encrypt the name, or does not have the newest key yet.</exception>
    internal static string TypedName(UnitOfWork work, MailedLinkRequest request) =>
        Encoding.UTF8.GetString(work.Encryption.Unprotect(Purpose, request.ProtectedName));
}
