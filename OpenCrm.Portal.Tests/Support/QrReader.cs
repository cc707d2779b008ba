using System.Web;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>The parts of an <c>otpauth:</c> address.</summary>
public sealed record OtpauthAddress(Uri Raw, string Label, string Secret, string? Issuer, string? Algorithm, string? Digits, string? Period)
{
    /// <summary>The label's part before its colon; null without a colon.</summary>
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
        Needs.Zbarimg();
        return await FileOf(png, ZbarimgAsync) ?? throw new InvalidOperationException("zbarimg finds no code in the picture");
    }

    public static async Task<OtpauthAddress> AddressAsync(byte[] png) => OtpauthAddress.Parse(await TextAsync(png));

    /// <summary>Reads the code from a screenshot of the picture together with its surroundings, because the quiet zone counts.</summary>
    public static async Task<OtpauthAddress> AddressAsync(ILocator picture) => await AddressAsync(await picture.ScreenshotAsync());

    /// <summary>Returns what three readers that share no code see; null for a reader that finds no code.</summary>
    public static Task<(string Reader, string? Text)[]> EverybodyAsync(byte[] png) =>
        FileOf(png, async file => new[]
        {
            ("zbarimg", await ZbarimgAsync(file)),
            ("ZXing", await ZXingAsync(file)),
            ("jsqr", await JsqrAsync(file))
        });

    /// <summary>Returns the picture as a camera sees it: at <paramref name="scale"/> of its size, turned, out of focus.</summary>
    public static Task<byte[]> BadlySeenAsync(byte[] png, double scale, double degrees, double blur) => FileOf(png, async file =>
    {
        var seen = file + ".seen.png";
        try
        {
            string[] arguments =
            [
                file, "-resize", Text($"{scale * 100}%"), "-background", "gray", "-rotate", Text($"{degrees}"), "-blur", Text($"0x{blur}"), seen,
            ];
            (await CommandLineTool.RunAsync(Needs.ImageMagick(), arguments)).OutputOrThrow("convert");
            return await File.ReadAllBytesAsync(seen);
        }
        finally
        {
            File.Delete(seen);
        }
    });

    private static async Task<string?> ZbarimgAsync(string file) =>
        Found(await CommandLineTool.RunAsync(Needs.Zbarimg(), ["--raw", "-q", file]));

    private static async Task<string?> ZXingAsync(string file) =>
        Found(await CommandLineTool.RunAsync(Needs.ZXingReader(), ["-bytes", "-format", "QRCode", file]));

    private static async Task<string?> JsqrAsync(string file) => Found(await NodeScript.RunAsync("qr.js", file));

    private static string? Found(ToolResult read) => read.ExitCode == 0 && read.Output.TrimEnd('\n') is { Length: > 0 } text ? text : null;

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static async Task<T> FileOf<T>(byte[] png, Func<string, Task<T>> look)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.png");
        await File.WriteAllBytesAsync(file, png);
        try
        {
            return await look(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
