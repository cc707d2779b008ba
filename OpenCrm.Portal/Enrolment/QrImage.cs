using System.Globalization;
using System.Text;
using QRCoder;

namespace OpenCrm.Portal.Enrolment;

/// <summary>A QR code as one SVG path, drawn by the browser at any size; black on white in every theme, because cameras expect it.</summary>
/// <param name="Size">Modules along a side, quiet zone included.</param>
public sealed record QrImage(int Size, string Path)
{
    /// <exception cref="QRCoder.Exceptions.DataTooLongException">Longer than a QR code can be.</exception>
    public static QrImage Of(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
            for (var x = 0; x < rows.Count; x++)
            {
                if (!rows[y][x]) continue;
                var start = x;
                while (x + 1 < rows.Count && rows[y][x + 1]) x++;
                path.Append(CultureInfo.InvariantCulture, $"M{start} {y}h{x - start + 1}v1h-{x - start + 1}z");
            }
        return new(rows.Count, path.ToString());
    }
}
