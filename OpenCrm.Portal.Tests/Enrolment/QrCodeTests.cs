using System.Globalization;
using Bunit;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Enrolment;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>How large the QR code is drawn (docs/spec.md 2.4). That readers can read it is tested on pictures from a browser.</summary>
public sealed class QrCodeTests : BunitContext
{
    private const int QuietZone = 4;

    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 31).Select(n => 100 + (10 * n))];

    /// <summary>
    /// Red with 220 pixels for every code, and with error correction M for every code: 400 characters then need 77 modules, wider than the smallest
    /// phone.
    /// </summary>
    [Theory, MemberData(nameof(Lengths))]
    public void No_module_is_under_four_pixels_and_the_whole_fits_the_smallest_phone(int length)
    {
        var code = Render<QrCode>(p => p.Add(c => c.Text, Address(length)));

        var svg = code.Find("svg");
        var side = Number(svg.GetAttribute("viewBox")!.Split(' ')[2]);
        var pixels = Number(svg.GetAttribute("width")!);
        Assert.Equal(pixels, Number(svg.GetAttribute("height")!));
        Assert.Equal(0, pixels % side);
        Assert.True(pixels / side >= 4, $"{pixels / side} pixels a module");
        Assert.True((side - (2 * QuietZone)) * (pixels / side) >= 220);
        Assert.True(pixels <= 320, $"{pixels} pixels");
    }

    [Theory]
    [InlineData(119, 45)]
    [InlineData(213, 57)]
    [InlineData(214, 53)]
    [InlineData(271, 57)]
    [InlineData(272, 61)]
    [InlineData(OtpauthLabel.LongestAddress, 69)]
    public void Up_to_57_modules_a_seventh_may_be_lost_and_above_it_less(int length, int modules)
    {
        var code = Render<QrCode>(p => p.Add(c => c.Text, Address(length)));
        Assert.Equal(modules + (2 * QuietZone), Number(code.Find("svg").GetAttribute("viewBox")!.Split(' ')[2]));
    }

    private static string Address(int length) => "otpauth://totp/".PadRight(length, 'x');

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
