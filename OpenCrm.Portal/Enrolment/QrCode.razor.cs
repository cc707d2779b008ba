using System.Collections;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using QRCoder;

namespace OpenCrm.Portal.Enrolment;

/// <summary>Draws a QR code as one path of an inline image, so that no picture with the key is fetched, cached or logged anywhere.</summary>
public sealed partial class QrCode
{
    /// <summary>The empty modules that the library puts around the code.</summary>
    private const int QuietZone = 4;

    /// <summary>
    /// Above this size the code is made with less error correction: it then has fewer and larger modules, which phone cameras read better
    /// (docs/spec.md 2.4).
    /// </summary>
    private const int MostModulesWithM = 57;

    /// <summary>
    /// The least width in pixels of the code without its quiet zone. The code may be a little wider, so that every module has the same whole number
    /// of pixels.
    /// </summary>
    private const int Width = 220;

    /// <summary>The least size of a module in pixels; cameras cannot read smaller ones.</summary>
    private const int SmallestModule = 4;

    private int size;
    private string path = "";
    private string? drawn;

    [Parameter, EditorRequired] public string Text { get; set; } = "";

    /// <summary>
    /// The size of the picture with its quiet zone. The longest address has 69 modules: 308 pixels, which a screen of 320 pixels shows whole.
    /// </summary>
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
