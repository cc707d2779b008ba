using System.Web;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>An <c>otpauth:</c> address taken apart.</summary>
public sealed record OtpauthAddress(Uri Raw, string Label, string Secret, string? Issuer, string? Algorithm, string? Digits, string? Period)
{
    /// <summary>What stands before the label's colon.</summary>
    public string? LabelIssuer => Label.Contains(':', StringComparison.Ordinal) ? Label[..Label.IndexOf(':', StringComparison.Ordinal)] : null;

    public string Account => Label[(Label.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimStart();

    public static OtpauthAddress Parse(string text)
    {
        var address = new Uri(text, UriKind.Absolute);
        if (address.Scheme != "otpauth" || address.Host != "totp")
            throw new FormatException($"Not an otpauth://totp/ address: {text}");
        var query = HttpUtility.ParseQueryString(address.Query);
        return new OtpauthAddress(
            address,
            Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/')),
            query["secret"] ?? throw new FormatException($"No secret: {text}"),
            query["issuer"],
            query["algorithm"],
            query["digits"],
            query["period"]);
    }
}

/// <summary>Reads a QR code from pixels, as a phone's camera would.</summary>
public static class QrReader
{
    public static async Task<string> TextAsync(byte[] png)
    {
        var zbarimg = Needs.Zbarimg();
        var file = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.png");
        await File.WriteAllBytesAsync(file, png);
        try
        {
            var read = await CommandLineTool.RunAsync(zbarimg, ["--raw", "-q", file]);
            return read.OutputOrThrow("zbarimg finds no code in the picture").TrimEnd('\n');
        }
        finally
        {
            File.Delete(file);
        }
    }

    public static async Task<OtpauthAddress> AddressAsync(byte[] png) => OtpauthAddress.Parse(await TextAsync(png));

    /// <summary>From a screenshot of the picture and what surrounds it: the quiet zone counts.</summary>
    public static async Task<OtpauthAddress> AddressAsync(ILocator picture) => await AddressAsync(await picture.ScreenshotAsync());
}
