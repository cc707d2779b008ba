namespace OpenCrm.Portal.Accounts;

/// <summary>
/// The company's logo, as the portal has drawn it anew from the uploaded file. It stands in a row of its own, so that whoever reads the settings does
/// not carry it along; <see cref="GeneralSettings.LogoHash"/> says whether there is one.
/// </summary>
public sealed class LogoPicture
{
    /// <summary>Length of <see cref="Hash"/>.</summary>
    public const int HashLength = 64;

    /// <summary>Twice of what pages show, in pixels, so that it is sharp on fine screens.</summary>
    public const int MostWidth = 480, MostHeight = 128;

    public required Guid Id { get; init; }

    /// <summary>SHA-256 of <see cref="Bytes"/> in hexadecimal: part of its address, which therefore never shows another picture.</summary>
    public required string Hash { get; init; }

    /// <summary><c>image/png</c> or <c>image/jpeg</c>.</summary>
    public required string ContentType { get; init; }

    /// <summary>In pixels.</summary>
    public required int Width { get; init; }

    /// <summary>In pixels.</summary>
    public required int Height { get; init; }

    /// <summary>What has to be behind it where the page's own background would swallow it.</summary>
    public required LogoGround Ground { get; init; }

    public required byte[] Bytes { get; init; }

    /// <summary>Whether a picture is so wide that it holds the company's name: it then stands alone.</summary>
    public static bool IsWide(int width, int height) => width >= 2 * height;
}

/// <summary>Which background a logo needs.</summary>
public enum LogoGround
{
    /// <summary>It can be seen on light and on dark.</summary>
    Any = 0,

    /// <summary>It is transparent with dark parts, which only something light behind it shows.</summary>
    Light = 1,

    /// <summary>It is transparent and light, so it can be seen on dark only.</summary>
    Dark = 2,
}
