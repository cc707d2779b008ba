using System.Globalization;
using System.Text;
using QRCoder;

namespace OpenCrm.Portal.Enrolment;

/// <summary>A QR code as one path of an inline image: no picture with the key is fetched, cached or logged anywhere.</summary>
public sealed partial class QrCode
{
    /// <summary>The library's matrix brings the quiet zone; the box has its own.</summary>
    private const int QuietZone = 4;

    private string? drawn;

    protected override void OnParametersSet()
    {
        if (drawn == Text) return;
        drawn = Text;
        using var code = QRCodeGenerator.GenerateQrCode(Text, QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix;
        size = modules.Count - (2 * QuietZone);
        path = Path(modules, size);
    }

    /// <summary>One rectangle for each run of dark modules in a row.</summary>
    private static string Path(List<System.Collections.BitArray> modules, int size)
    {
        var path = new StringBuilder();
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var start = x;
                while (x < size && modules[y + QuietZone][x + QuietZone]) x++;
                if (x > start) path.Append(CultureInfo.InvariantCulture, $"M{start} {y}h{x - start}v1h-{x - start}z");
            }
        }
        return path.ToString();
    }
}
