using System.Diagnostics;
using System.Text;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Tests.Support;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>Uploaded files, as the logo is made from them.</summary>
public sealed class LogoFileTests
{
    [Fact]
    public async Task Another_kind_of_file_is_refused_whatever_it_is_called()
    {
        foreach (var file in new[] { LogoFiles.Svg, LogoFiles.Gif, "RIFF....WEBPVP8 "u8.ToArray(), "BM"u8.ToArray(), [] })
            Assert.IsType<LogoFileOutcome.NeitherPngNorJpeg>(await ReadAsync(file));
    }

    [Fact]
    public async Task A_file_that_is_cut_off_or_only_begins_like_a_picture_is_refused()
    {
        var broken = new[]
        {
            LogoFiles.Square[..8], LogoFiles.Square[..40], LogoFiles.Square[..^20], LogoFiles.PngClaiming(100, 100), LogoFiles.TalkativeJpeg[..500],
            [0xFF, 0xD8, 0xFF], [0xFF, 0xD8, 0xFF, .. Enumerable.Repeat((byte)0x41, 5000)],
        };
        foreach (var file in broken) Assert.IsType<LogoFileOutcome.Broken>(await ReadAsync(file));
    }

    [Fact]
    public async Task A_file_over_200_KB_is_refused_and_one_of_200_KB_is_looked_at()
    {
        Assert.IsType<LogoFileOutcome.TooLarge>(await ReadAsync([.. LogoFiles.Square, .. new byte[LogoFile.MostBytes]]));
        var padded = new byte[LogoFile.MostBytes];
        LogoFiles.Square.CopyTo(padded, 0);
        Assert.IsType<LogoFileOutcome.Read>(await ReadAsync(padded));
    }

    /// <summary>Red when the picture is drawn before its size is looked at: the second one takes 64 MB for a file of 20 KB.</summary>
    [Theory]
    [InlineData(60_000, 60_000)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(4_000_001, 1)]
    public async Task A_bomb_of_pixels_is_refused_before_any_of_them_is_drawn(int width, int height)
    {
        var before = GC.GetTotalAllocatedBytes();

        Assert.IsNotType<LogoFileOutcome.Read>(await ReadAsync(LogoFiles.PngClaiming(width, height)));

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 8_000_000);
    }

    [Fact]
    public async Task A_real_picture_of_too_many_pixels_is_told_so() =>
        Assert.IsType<LogoFileOutcome.TooManyPixels>(await ReadAsync(LogoFiles.Plain(4000, 4000)));

    /// <summary>Red when the texts of a PNG are read: this one unpacks to 150 MB.</summary>
    [Fact]
    public async Task Texts_inside_a_PNG_are_not_unpacked()
    {
        var file = LogoFiles.PngOfEndlessText;
        var before = GC.GetTotalAllocatedBytes();

        Assert.IsType<LogoFileOutcome.Read>(await ReadAsync(file));

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 60_000_000);
    }

    [Fact]
    public async Task A_JPEG_of_endless_passes_is_given_up()
    {
        var watch = Stopwatch.StartNew();

        var outcome = await ReadAsync(LogoFiles.JpegOfManyPasses);

        Assert.IsNotType<LogoFileOutcome.TooLarge>(outcome);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_line_is_no_logo() => Assert.IsType<LogoFileOutcome.TooSmall>(await ReadAsync(LogoFiles.Plain(900, 9)));

    [Theory]
    [InlineData("wide", 480, 96)]
    [InlineData("square", 128, 128)]
    [InlineData("tall", 43, 128)]
    public async Task The_logo_is_as_large_as_pages_need_it_and_keeps_its_shape(string shape, int width, int height)
    {
        var logo = await LogoAsync(shape switch { "wide" => LogoFiles.Wide, "square" => LogoFiles.Square, _ => LogoFiles.Tall });

        Assert.Equal((width, height, "image/png"), (logo.Width, logo.Height, logo.ContentType));
        using var stored = Image.Load<Rgba32>(logo.Bytes);
        Assert.Equal((width, height), (stored.Width, stored.Height));
        // What was transparent still is.
        Assert.Equal(0, stored[0, 0].A);
    }

    /// <summary>Red when the bytes of the upload are stored as they came.</summary>
    [Fact]
    public async Task Nothing_of_the_file_but_the_picture_is_kept_and_a_photo_stands_upright()
    {
        var file = LogoFiles.TalkativeJpeg;
        Assert.Contains("SECRET", Encoding.Latin1.GetString(file), StringComparison.Ordinal);

        var logo = await LogoAsync(file);

        Assert.DoesNotContain("SECRET", Encoding.Latin1.GetString(logo.Bytes), StringComparison.Ordinal);
        Assert.DoesNotContain("Exif", Encoding.Latin1.GetString(logo.Bytes), StringComparison.Ordinal);
        Assert.Equal(("image/jpeg", 43, 128), (logo.ContentType, logo.Width, logo.Height));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_worst_picture_makes_no_large_mail(bool jpeg) =>
        Assert.InRange((await LogoAsync(LogoFiles.Noise(jpeg))).Bytes.Length, 1, LogoFile.MostStoredBytes);

    [Fact]
    public async Task What_the_page_would_swallow_gets_a_ground()
    {
        Assert.Equal(LogoGround.Light, (await LogoAsync(LogoFiles.Wide)).Ground);
        Assert.Equal(LogoGround.Dark, (await LogoAsync(LogoFiles.Pale)).Ground);
        Assert.Equal(LogoGround.Any, (await LogoAsync(LogoFiles.Tall)).Ground);
        // It brings its own background.
        Assert.Equal(LogoGround.Any, (await LogoAsync(LogoFiles.Plain(100, 100))).Ground);
    }

    private static Task<LogoFileOutcome> ReadAsync(byte[] file) => LogoFile.ReadAsync(file, Guid.NewGuid());

    private static async Task<LogoPicture> LogoAsync(byte[] file) => Assert.IsType<LogoFileOutcome.Read>(await ReadAsync(file)).Logo;
}
