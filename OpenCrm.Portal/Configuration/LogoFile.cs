using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenCrm.Portal.Accounts;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;
using SixLabors.ImageSharp.Processing.Processors.Quantization;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// Turns an uploaded file into the logo that is stored. The picture is drawn anew, as large as pages and mails need it, so nothing else of the file
/// is kept: no place where a photo was taken, no script behind the picture's end. Only PNG and JPEG are read, whatever else the library can.
/// </summary>
internal static class LogoFile
{
    public const int MostBytes = 200 * 1024;

    /// <summary>A file of a few kilobytes can claim to hold gigabytes of pixels. Its size in pixels is read before any of them.</summary>
    public const int MostPixels = 4_000_000;

    /// <summary>Less cannot be recognised, in pixels.</summary>
    public const int LeastSide = 8;

    /// <summary>Every mail carries the logo.</summary>
    public const int MostStoredBytes = 48 * 1024;

    /// <summary>A photo is read in milliseconds. A JPEG of thousands of passes would keep a processor busy for minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>One at a time: the memory for one picture is bounded, and so is that for all.</summary>
    private static readonly SemaphoreSlim One = new(1);

    private static readonly SixLabors.ImageSharp.Configuration Formats = NewFormats();

    /// <param name="file">The whole file.</param>
    public static async Task<LogoFileOutcome> ReadAsync(ReadOnlyMemory<byte> file, Guid id, CancellationToken cancel = default)
    {
        if (file.Length > MostBytes) return new LogoFileOutcome.TooLarge();
        if (!IsPng(file.Span) && !IsJpeg(file.Span)) return new LogoFileOutcome.NeitherPngNorJpeg();
        // The library draws what there is of a file that was cut off, and the rest would be empty.
        if (!HasItsEnd(file.Span)) return new LogoFileOutcome.Broken();
        await One.WaitAsync(cancel);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(Patience);
            return await Task.Run(() => TryReadAsync(file.ToArray(), id, limit.Token), cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new LogoFileOutcome.Broken();
        }
        finally
        {
            One.Release();
        }
    }

    private static async Task<LogoFileOutcome> TryReadAsync(byte[] file, Guid id, CancellationToken cancel)
    {
        try
        {
            using var bytes = new MemoryStream(file, writable: false);
            if (await Image.IdentifyAsync(Formats, bytes, cancel) is not { } found) return new LogoFileOutcome.Broken();
            if ((long)found.Width * found.Height > MostPixels) return new LogoFileOutcome.TooManyPixels();
            bytes.Position = 0;
            using var picture = await Image.LoadAsync<Rgba32>(Formats, bytes, cancel);
            Shrink(picture);
            if (Math.Min(picture.Width, picture.Height) < LeastSide) return new LogoFileOutcome.TooSmall();
            return LogoContrast.IsSeen(picture)
                ? new LogoFileOutcome.Read(await DrawAsync(picture, IsJpeg(file), id, cancel))
                : new LogoFileOutcome.Broken();
        }
        // The library throws what it likes at a file that was made to break it.
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            return new LogoFileOutcome.Broken();
        }
    }

    private static void Shrink(Image picture)
    {
        picture.Mutate(change => change.AutoOrient());
        if (picture.Width <= LogoPicture.MostWidth && picture.Height <= LogoPicture.MostHeight) return;
        picture.Mutate(change => change.Resize(new ResizeOptions
        {
            Size = new(LogoPicture.MostWidth, LogoPicture.MostHeight),
            Mode = ResizeMode.Max,
            Sampler = KnownResamplers.Lanczos3,
        }));
    }

    private static async Task<LogoPicture> DrawAsync(Image<Rgba32> picture, bool photo, Guid id, CancellationToken cancel)
    {
        (picture.Metadata.ExifProfile, picture.Metadata.IccProfile) = (null, null);
        (picture.Metadata.IptcProfile, picture.Metadata.XmpProfile) = (null, null);
        byte[] bytes = [];
        // The next one is coarser, for a picture that does not fit.
        foreach (var encoder in photo ? Photos : Drawings)
        {
            using var drawn = new MemoryStream();
            await picture.SaveAsync(drawn, encoder, cancel);
            bytes = drawn.ToArray();
            if (bytes.Length <= MostStoredBytes) break;
        }
        return new()
        {
            Id = id,
            Hash = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            ContentType = photo ? "image/jpeg" : "image/png",
            Width = picture.Width,
            Height = picture.Height,
            Ground = LogoContrast.GroundFor(picture),
            Bytes = bytes,
        };
    }

    private static readonly IImageEncoder[] Photos =
        [new JpegEncoder { Quality = 88 }, new JpegEncoder { Quality = 70 }, new JpegEncoder { Quality = 50 }];

    private static readonly IImageEncoder[] Drawings =
    [
        Drawing(PngColorType.RgbWithAlpha, null),
        Drawing(PngColorType.Palette, new WuQuantizer(new QuantizerOptions { MaxColors = 256, Dither = null })),
        Drawing(PngColorType.Palette, new WuQuantizer(new QuantizerOptions { MaxColors = 64, Dither = null })),
    ];

    private static PngEncoder Drawing(PngColorType colours, IQuantizer? quantizer) => new()
    {
        ColorType = colours,
        Quantizer = quantizer,
        CompressionLevel = PngCompressionLevel.BestCompression,
        IgnoreMetadata = true,
        TransparentColorMode = PngTransparentColorMode.Clear,
    };

    private static bool IsPng(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]);

    private static bool IsJpeg(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    /// <summary>Whether the last part of a picture is there: the chunk IEND of a PNG, the marker EOI of a JPEG.</summary>
    private static bool HasItsEnd(ReadOnlySpan<byte> file)
    {
        if (IsJpeg(file)) return file.LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) > 0;
        // Each chunk: length, name, content, checksum.
        for (long at = 8; at + 12 <= file.Length;)
        {
            var chunk = file[(int)at..];
            if (chunk.Slice(4, 4).SequenceEqual("IEND"u8)) return true;
            at += 12L + BinaryPrimitives.ReadUInt32BigEndian(chunk);
        }
        return false;
    }

    private static SixLabors.ImageSharp.Configuration NewFormats()
    {
        var formats = new SixLabors.ImageSharp.Configuration(new PngConfigurationModule(), new JpegConfigurationModule())
        {
            MaxDegreeOfParallelism = 1,
            // Nothing is kept afterwards, and no file gets more than a picture of the most pixels needs.
            MemoryAllocator = MemoryAllocator.Create(new() { MaximumPoolSizeMegabytes = 0, AllocationLimitMegabytes = 64 }),
        };
        // Compressed texts inside a PNG unpack to any length. Of a JPEG the camera's position is needed to put the picture upright.
        formats.ImageFormatsManager.SetDecoder(PngFormat.Instance, new PngDecoder { IgnoreMetadata = true });
        return formats;
    }
}

/// <summary>What came of an uploaded file: a closed set.</summary>
public abstract record LogoFileOutcome
{
    private LogoFileOutcome() { }

    /// <summary>It can be saved as the logo.</summary>
    public sealed record Read(LogoPicture Logo) : LogoFileOutcome;

    /// <summary>The file is too large.</summary>
    public sealed record TooLarge : LogoFileOutcome;

    /// <summary>It is another kind of file, such as SVG or GIF.</summary>
    public sealed record NeitherPngNorJpeg : LogoFileOutcome;

    /// <summary>It holds more pixels than any logo needs.</summary>
    public sealed record TooManyPixels : LogoFileOutcome;

    /// <summary>It is too small, or too narrow to be anything but a line once it is shown.</summary>
    public sealed record TooSmall : LogoFileOutcome;

    /// <summary>It cannot be read to its end.</summary>
    public sealed record Broken : LogoFileOutcome;
}
