using System.Globalization;
using Fluid.Values;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Mail;

/// <summary>What the frame of a mail shows of the company beside its name: the logo at the top, and the colour of buttons.</summary>
internal static class MailBrand
{
    /// <summary>The largest the logo is shown, in CSS pixels.</summary>
    private const int MostWidth = 200, MostHeight = 48;

    /// <summary>The portal's own colours, light and dark.</summary>
    private static readonly Colour Own = new(0x2f, 0x4b, 0xc7), OwnTint = new(0xb3, 0xc1, 0xff);

    /// <summary>The frame's dark card, and the text on a button there.</summary>
    private static readonly Colour DarkCard = new(0x1a, 0x20, 0x2d), OnTint = new(0x10, 0x14, 0x1d);

    /// <summary>
    /// The logo is sent with each mail: mail programs do not load a picture from elsewhere until they are told to, and who loads it there would be
    /// seen to read the mail.
    /// </summary>
    internal static MailPicture? PictureOf(MailFrame frame) => frame.Logo is not { } logo ? null
        : new($"logo-{logo.Hash[..16]}@{frame.MessageIdHost}", logo.ContentType, logo.Bytes);

    internal static IEnumerable<(string Name, FluidValue Value)> FieldsOf(MailFrame frame, MailPicture? picture)
    {
        yield return ("accent", Text((frame.Accent ?? Own).Hex));
        yield return ("accent_dark", Text(Tint(frame.Accent).Hex));
        // Empty without a logo: a frame that names a field which is not there fails.
        yield return ("logo", Text(picture?.Address ?? ""));
        var (width, height) = (frame.Logo?.Width ?? 1, frame.Logo?.Height ?? 1);
        var scale = Math.Min(1, Math.Min((double)MostWidth / width, (double)MostHeight / height));
        // In the tag, because Outlook reads the size nowhere else.
        yield return ("logo_width", Number(width * scale));
        yield return ("logo_height", Number(height * scale));
        yield return ("logo_is_wide", BooleanValue.Create(LogoPicture.IsWide(width, height)));
        yield return ("logo_ground", Text(frame.Logo?.Ground switch { LogoGround.Light => "light", LogoGround.Dark => "dark", _ => "" }));
    }

    /// <summary>The tint of a colour for the dark: it stands out from the card, and the text on it can be read.</summary>
    private static Colour Tint(Colour? accent) =>
        accent?.LighterUntil(tint => tint.IsReadableOn(DarkCard) && tint.IsReadableOn(OnTint)) ?? OwnTint;

    private static StringValue Text(string value) => new(value);

    private static StringValue Number(double pixels) => new(Math.Max(1, (int)Math.Round(pixels)).ToString(CultureInfo.InvariantCulture));
}

/// <summary>A picture that travels with a mail and is shown in its HTML.</summary>
/// <param name="ContentId">Its name in the message (RFC 2392), without angle brackets.</param>
public sealed record MailPicture(string ContentId, string ContentType, byte[] Bytes)
{
    /// <summary>Its address in the HTML.</summary>
    public string Address => $"cid:{ContentId}";
}
