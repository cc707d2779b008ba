using System.Collections;
using System.Globalization;
using System.Text;
using QRCoder;

namespace OpenCrm.Portal.Enrolment;

/// <summary>A QR code as one path of an inline image: no picture with the key is fetched, cached or logged anywhere.</summary>
public sealed partial class QrCode
{
    /// <summary>What the library's matrix brings around the code.</summary>
    private const int QuietZone = 4;

    /// <summary>Above it a code of the same text with less correction is smaller, and its modules are what a phone's camera needs (spec 2.4).</summary>
    private const int MostModulesWithM = 57;

    /// <summary>The code without its quiet zone is this wide or a little wider, so that every module has the same whole number of pixels.</summary>
    private const int Width = 220;

    /// <summary>Smaller ones a camera does not tell apart (spec 2.4).</summary>
    private const int SmallestModule = 4;

    private string? drawn;

    /// <summary>Of the picture with its quiet zone. The longest address has 69 modules: 308 pixels, which a phone of 320 shows whole.</summary>
    private int Pixels => size * Math.Max(SmallestModule, (int)Math.Ceiling((double)Width / (size - (2 * QuietZone))));

    protected override void OnParametersSet()
    {
        if (drawn == Text) return;
        drawn = Text;
        var modules = Matrix(QRCodeGenerator.ECCLevel.M);
        if (modules.Count - (2 * QuietZone) > MostModulesWithM) modules = Matrix(QRCodeGenerator.ECCLevel.L);
        size = modules.Count;
        path = Path(modules);
    }

    private List<BitArray> Matrix(QRCodeGenerator.ECCLevel level)
    {
        using var code = QRCodeGenerator.GenerateQrCode(Text, level);
        return code.ModuleMatrix;
    }

    /// <summary>One rectangle for each run of dark modules in a row.</summary>
    private static string Path(List<BitArray> modules)
    {
        var path = new StringBuilder();
        for (var y = 0; y < modules.Count; y++)
        {
            for (var x = 0; x < modules.Count; x++)
            {
                var start = x;
                while (x < modules.Count && modules[y][x]) x++;
                if (x > start) path.Append(CultureInfo.InvariantCulture, $"M{start} {y}h{x - start}v1h-{x - start}z");
            }
        }
        return path.ToString();
    }
}
