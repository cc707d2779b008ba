namespace OpenCrm.Portal.Controls;

/// <summary>The company's logo as pages show it.</summary>
/// <param name="Address">Where the picture is; it never shows another one.</param>
/// <param name="Width">Of the picture, in pixels.</param>
/// <param name="Height">Of the picture, in pixels.</param>
/// <param name="IsWide">Whether it is as wide as a name: then it holds one, and stands alone.</param>
/// <param name="Ground">What it needs behind it where the page would swallow it: <c>light</c>, <c>dark</c>, or null for nothing.</param>
public sealed record LogoMark(string Address, int Width, int Height, bool IsWide, string? Ground);
