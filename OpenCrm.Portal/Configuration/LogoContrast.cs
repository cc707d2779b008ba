using OpenCrm.Portal.Accounts;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace OpenCrm.Portal.Configuration;

/// <summary>Finds out whether a logo with a transparent background can be seen on the pages of both themes.</summary>
internal static class LogoContrast
{
    /// <summary>What is less distinct than this is not seen. Far below what a text needs: a logo may be pale.</summary>
    private const double Seen = 1.6;

    /// <summary>
    /// Dark strokes are what a logo on white consists of, so few of them lost in the dark are too many. White parts of a coloured logo belong to it:
    /// only where nearly all is lost it was made for dark.
    /// </summary>
    private const double MostLostInDark = 0.15, MostLostInLight = 0.7;

    private static readonly Colour DarkPage = new(0x15, 0x1a, 0x23);

    /// <summary>Whether anything of it is not transparent.</summary>
    public static bool IsSeen(Image<Rgba32> picture)
    {
        for (var y = 0; y < picture.Height; y++)
            for (var x = 0; x < picture.Width; x++)
                if (picture[x, y].A >= 128) return true;
        return false;
    }

    /// <summary>Returns what it needs behind it. A picture that fills its rectangle brings its own background.</summary>
    public static LogoGround GroundFor(Image<Rgba32> picture)
    {
        int all = picture.Width * picture.Height, seen = 0, lostInLight = 0, lostInDark = 0;
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var pixel = picture[x, y];
                if (pixel.A < 128) continue;
                var colour = new Colour(pixel.R, pixel.G, pixel.B);
                seen++;
                if (colour.ContrastWith(Colour.White) < Seen) lostInLight++;
                if (colour.ContrastWith(DarkPage) < Seen) lostInDark++;
            }
        }
        if (seen == 0 || seen > all * 0.98) return LogoGround.Any;
        if (lostInLight > seen * MostLostInLight) return LogoGround.Dark;
        return lostInDark > seen * MostLostInDark ? LogoGround.Light : LogoGround.Any;
    }
}
