using System.Globalization;
using System.Text;
using QRCoder;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>A QR code of a key that nobody has, in place of one that is new each time.</summary>
internal static class ExampleQr
{
    /// <returns>The path of the dark modules, and the size with the quiet zone.</returns>
    public static object[] Draw(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        for (var y = 0; y < code.ModuleMatrix.Count; y++)
            for (var x = 0; x < code.ModuleMatrix.Count; x++)
                if (code.ModuleMatrix[y][x])
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
        return [path.ToString(), code.ModuleMatrix.Count];
    }
}
