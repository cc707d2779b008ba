using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>What pages show of the company.</summary>
/// <param name="AccentColour">As stored; null for the portal's own.</param>
/// <param name="Logo">Null for the portal's own mark.</param>
public sealed record StoredBrand(string CompanyName, string? AccentColour, StoredLogo? Logo);

/// <summary>A logo without its bytes.</summary>
public sealed record StoredLogo(string Hash, int Width, int Height, LogoGround Ground);

/// <summary>Reads what pages and mails show of the company.</summary>
public static class BrandReading
{
    /// <summary>Reads name, colour and logo by one statement: every page asks.</summary>
    public static async Task<StoredBrand> ReadBrandAsync(this UnitOfWork work, CancellationToken cancel = default)
    {
        var logos = work.Query<LogoPicture>();
        return await work.Query<GeneralSettings>()
            .Select(s => new StoredBrand(
                s.CompanyName,
                s.AccentColour,
                logos.Where(l => l.Hash == s.LogoHash)
                    .Select(l => new StoredLogo(l.Hash, l.Width, l.Height, l.Ground))
                    .FirstOrDefault()))
            .SingleAsync(cancel);
    }

    /// <summary>Reads a logo with its bytes.</summary>
    /// <returns>Null if it is not, or no longer, the company's.</returns>
    public static async Task<LogoPicture?> ReadLogoAsync(this UnitOfWork work, string? hash, CancellationToken cancel = default) =>
        hash is null ? null : await work.Query<LogoPicture>().FirstOrDefaultAsync(l => l.Hash == hash, cancel);
}
