using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Configuration;

/// <summary>The block General as typed. The logo is in no list of settings: it is a file, and the audit trail holds no value of it.</summary>
/// <param name="Logo">A new logo, which <see cref="LogoFile"/> has drawn; null keeps the stored one.</param>
/// <param name="RemoveLogo">Whether the stored one goes; ignored if there is a new one.</param>
public sealed record GeneralEdit(
    int Version, IReadOnlyDictionary<string, string> Typed, LogoPicture? Logo = null, bool RemoveLogo = false)
    : BlockEdit<GeneralSettings>(Version, Typed)
{
    internal override async Task PutAsync(
        SettingsList<GeneralSettings> list, UnitOfWork work, GeneralSettings stored, Caller.Person by, CancellationToken cancel)
    {
        if (Logo is not null && Logo.Hash != stored.LogoHash)
        {
            await work.Query<LogoPicture>().ExecuteDeleteAsync(cancel);
            work.Add(Logo);
            stored.LogoHash = Logo.Hash;
            work.Record(new AuditEvent.LogoChanged(), by);
        }
        else if (Logo is null && RemoveLogo && stored.LogoHash is not null)
        {
            await work.Query<LogoPicture>().ExecuteDeleteAsync(cancel);
            stored.LogoHash = null;
            work.Record(new AuditEvent.LogoRemoved(), by);
        }
        await base.PutAsync(list, work, stored, by, cancel);
    }
}
