using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Files that somebody may choose as the logo: real pictures, and files that only claim to be.</summary>
internal static class LogoFiles
{
    /// <summary>A name beside a sign, on a transparent background.</summary>
    public static byte[] Wide => Drawn(600, 120, (x, y) =>
        Inside(x, y, 60, 60, 50) ? Green
        : x > 140 && y is > 45 and < 75 && x / 12 % 3 < 2 ? Ink
        : Clear);

    public static byte[] Square => Drawn(256, 256, (x, y) => Inside(x, y, 128, 128, 60) ? White : Inside(x, y, 128, 128, 120) ? Green : Clear);

    public static byte[] Tall => Drawn(120, 360, (x, y) => Inside(x, y, 60, 60, 55) || (x is > 45 and < 75 && y > 120) ? Green : Clear);

    /// <summary>Made for dark pages: on white nothing of it is seen.</summary>
    public static byte[] Pale => Drawn(400, 100, (x, y) => y is > 30 and < 70 && x / 20 % 2 == 0 ? White : Clear);

    /// <summary>A screenful of noise, which no compression makes small; as JPEG it fits into an upload.</summary>
    public static byte[] Noise(bool jpeg)
    {
        var seed = 1u;
        var noise = new Image<Rgba32>(jpeg ? 640 : 230, jpeg ? 170 : 160);
        for (var y = 0; y < noise.Height; y++)
        {
            for (var x = 0; x < noise.Width; x++)
            {
                seed = seed * 1664525 + 1013904223;
                noise[x, y] = new Rgba32(seed | 0xff000000);
            }
        }
        using (noise) return jpeg ? Saved(noise, new JpegEncoder { Quality = 80 }) : Saved(noise);
    }

    /// <summary>A photo with the place where it was taken, a comment, and a script behind its end.</summary>
    public static byte[] TalkativeJpeg
    {
        get
        {
            using var photo = new Image<Rgba32>(300, 100, new Rgba32(200, 30, 30));
            photo.Metadata.ExifProfile = new();
            photo.Metadata.ExifProfile.SetValue(SixLabors.ImageSharp.Metadata.Profiles.Exif.ExifTag.Software, "SECRET-CAMERA");
            photo.Metadata.ExifProfile.SetValue(SixLabors.ImageSharp.Metadata.Profiles.Exif.ExifTag.Orientation, (ushort)6);
            return [.. Saved(photo, new JpegEncoder()), .. "<script>SECRET-TAIL</script>"u8];
        }
    }

    /// <summary>A PNG whose compressed text unpacks to a gigabyte.</summary>
    public static byte[] PngOfEndlessText
    {
        get
        {
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
                for (var i = 0; i < 150; i++) zlib.Write(new byte[1_000_000]);
            var png = Square;
            // Behind the signature and the header.
            return [.. png[..33], .. Chunk("zTXt", [.. "k\0\0"u8, .. packed.ToArray()]), .. png[33..]];
        }
    }

    /// <summary>A PNG of a few hundred bytes that claims a size; there is nothing in it.</summary>
    public static byte[] PngClaiming(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 6);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) zlib.Write(new byte[1000]);
        return [.. Signature, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    /// <summary>A JPEG of many passes over a large picture: little to send, much to draw.</summary>
    public static byte[] JpegOfManyPasses
    {
        get
        {
            // Start, a progressive frame of one component, a table of codes that holds but one, and passes that say "nothing here".
            List<byte> file = [0xFF, 0xD8];
            void Segment(byte marker, params byte[] content) =>
                file.AddRange([0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content]);
            Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
            Segment(0xC2, 8, 0x07, 0xC0, 0x07, 0xC0, 1, 1, 0x11, 0);
            Segment(0xC4, [0x00, 1, .. new byte[15], 0]);
            // An end-of-band run of 2^14 and more blocks.
            Segment(0xC4, [0x10, 1, .. new byte[15], 0xE0]);
            Segment(0xDA, 1, 1, 0, 0, 0, 0);
            file.AddRange(new byte[7688]);
            while (file.Count < 199 * 1024)
            {
                Segment(0xDA, 1, 1, 0, 1, 63, 0);
                file.AddRange([0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00]);
            }
            file.AddRange([0xFF, 0xD9]);
            return [.. file];
        }
    }

    public static byte[] Svg => "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"u8.ToArray();

    public static byte[] Gif => [.. "GIF89a"u8, 1, 0, 1, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B];

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10];

    private static Rgba32 Green => new(0x1b, 0x6e, 0x3c);

    private static Rgba32 Ink => new(0x10, 0x14, 0x1d);

    private static Rgba32 White => new(255, 255, 255);

    private static Rgba32 Clear => new(0, 0, 0, 0);

    /// <summary>A picture of one colour, which compresses to almost nothing whatever its size.</summary>
    public static byte[] Plain(int width, int height)
    {
        using var picture = new Image<Rgba32>(width, height, Green);
        return Saved(picture);
    }

    private static byte[] Drawn(int width, int height, Func<int, int, Rgba32> pixel)
    {
        using var picture = new Image<Rgba32>(width, height);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                picture[x, y] = pixel(x, y);
        return Saved(picture);
    }

    private static byte[] Saved(Image picture, SixLabors.ImageSharp.Formats.IImageEncoder? encoder = null)
    {
        using var file = new MemoryStream();
        picture.Save(file, encoder ?? new SixLabors.ImageSharp.Formats.Png.PngEncoder());
        return file.ToArray();
    }

    private static bool Inside(int x, int y, int middleX, int middleY, int radius) =>
        (x - middleX) * (x - middleX) + (y - middleY) * (y - middleY) < radius * radius;

    private static byte[] Chunk(string kind, byte[] content)
    {
        var named = (byte[])[.. Encoding.ASCII.GetBytes(kind), .. content];
        var (length, sum) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(sum, Crc(named));
        return [.. length, .. named, .. sum];
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
