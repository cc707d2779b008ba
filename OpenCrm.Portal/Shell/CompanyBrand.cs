using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Shell;

/// <summary>Reads the company's name, logo and colour, which every page shows.</summary>
public sealed class CompanyBrand(UnitsOfWork units)
{
    private ShownBrand? _ofPage;

    /// <summary>
    /// Reads it for the page that is being prerendered: its head and its body then show the same, for one question to the database.
    /// </summary>
    internal async Task<ShownBrand> ReadForPageAsync() => _ofPage ??= await AskAsync();

    /// <summary>Reads it as it is stored now; while a page is prerendered, what its head already shows.</summary>
    public Task<ShownBrand> ReadAsync() => _ofPage is { } read ? Task.FromResult(read) : AskAsync();

    private async Task<ShownBrand> AskAsync()
    {
        await using var work = await units.ReadAsync();
        var stored = await work.ReadBrandAsync();
        return new(
            stored.CompanyName,
            stored.Logo is { } logo
                ? new LogoMark(
                    PortalUrls.Logo(logo.Hash),
                    logo.Width,
                    logo.Height,
                    LogoPicture.IsWide(logo.Width, logo.Height),
                    logo.Ground switch { LogoGround.Light => "light", LogoGround.Dark => "dark", _ => null })
                : null,
            stored.AccentColour);
    }
}

/// <param name="Accent">The company's colour as stored; null for the portal's own.</param>
public sealed record ShownBrand(string CompanyName, LogoMark? Logo, string? Accent);
