using System.Globalization;

namespace OpenCrm.Portal.Accounts;

/// <summary>A colour of sRGB, and how well it can be read (WCAG 2.2, 1.4.3).</summary>
public readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    /// <summary>The least contrast between a text and what is behind it (WCAG 2.2, 1.4.3).</summary>
    public const double ReadableContrast = 4.5;

    public static readonly Colour White = new(255, 255, 255);

    /// <summary>As CSS and mail programs read it, in small letters: <c>#2f4bc7</c>.</summary>
    public string Hex => string.Create(CultureInfo.InvariantCulture, $"#{Red:x2}{Green:x2}{Blue:x2}");

    /// <summary>Relative luminance, from 0 for black to 1 for white.</summary>
    public double Luminance => 0.2126 * Linear(Red) + 0.7152 * Linear(Green) + 0.0722 * Linear(Blue);

    /// <summary>Reads three or six hexadecimal digits, with or without <c>#</c> and blanks around; null for everything else.</summary>
    public static Colour? Parse(string? text)
    {
        var digits = (text ?? "").Trim().TrimStart('#');
        if (digits.Length == 3) digits = string.Concat(digits.Select(digit => new string(digit, 2)));
        return digits.Length == 6 && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? new((byte)(number >> 16), (byte)(number >> 8), (byte)number)
            : null;
    }

    /// <summary>The contrast to another colour, from 1 to 21.</summary>
    public double ContrastWith(Colour other)
    {
        var (one, two) = (Luminance, other.Luminance);
        return (Math.Max(one, two) + 0.05) / (Math.Min(one, two) + 0.05);
    }

    /// <summary>Whether a text of this colour can be read on that one, and the other way round.</summary>
    public bool IsReadableOn(Colour other) => ContrastWith(other) >= ReadableContrast;

    /// <param name="share">How much of the other colour, from 0 to 1.</param>
    public Colour MixedWith(Colour other, double share)
    {
        return new(Between(Red, other.Red), Between(Green, other.Green), Between(Blue, other.Blue));

        byte Between(byte mine, byte theirs) => (byte)Math.Round(mine + (theirs - mine) * share);
    }

    /// <summary>The first of ever darker shades that is good enough; black if none is.</summary>
    public Colour DarkerUntil(Func<Colour, bool> isGood) => Towards(0, isGood);

    /// <summary>The first of ever lighter tints that is good enough; white if none is.</summary>
    public Colour LighterUntil(Func<Colour, bool> isGood) => Towards(1, isGood);

    public override string ToString() => Hex;

    /// <summary>Changes the lightness alone, so that hue and vividness stay: a red does not become a pink grey.</summary>
    private Colour Towards(double end, Func<Colour, bool> isGood)
    {
        const int steps = 100;
        if (isGood(this)) return this;
        var (hue, saturation, lightness) = ToHsl();
        for (var step = 1; step < steps; step++)
        {
            var next = FromHsl(hue, saturation, lightness + (end - lightness) * step / steps);
            if (isGood(next)) return next;
        }
        return end == 0 ? default : White;
    }

    private (double Hue, double Saturation, double Lightness) ToHsl()
    {
        var (r, g, b) = (Red / 255d, Green / 255d, Blue / 255d);
        var (most, least) = (Math.Max(r, Math.Max(g, b)), Math.Min(r, Math.Min(g, b)));
        var (lightness, range) = ((most + least) / 2, most - least);
        if (range == 0) return (0, 0, lightness);
        var hue = most == r ? (g - b) / range + (g < b ? 6 : 0)
            : most == g ? (b - r) / range + 2
            : (r - g) / range + 4;
        return (hue / 6, range / (1 - Math.Abs(2 * lightness - 1)), lightness);
    }

    private static Colour FromHsl(double hue, double saturation, double lightness)
    {
        var strength = saturation * Math.Min(lightness, 1 - lightness);
        return new(Part(0), Part(8), Part(4));

        byte Part(int offset)
        {
            var k = (offset + hue * 12) % 12;
            return (byte)Math.Round(255 * (lightness - strength * Math.Max(-1, Math.Min(k - 3, Math.Min(9 - k, 1)))));
        }
    }

    private static double Linear(byte part)
    {
        var share = part / 255d;
        return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
    }
}
