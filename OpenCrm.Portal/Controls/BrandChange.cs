namespace OpenCrm.Portal.Controls;

/// <summary>
/// Tells the frame around a page that the company's name, logo or colour was saved on it, so that who saved sees it at once. Other open pages follow
/// when the person moves to another page.
/// </summary>
public sealed class BrandChange
{
    internal event Action? Changed;

    public void Tell() => Changed?.Invoke();
}
