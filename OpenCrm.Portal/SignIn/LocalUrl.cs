namespace OpenCrm.Portal.SignIn;

/// <summary>
/// Decides where to go after signing in: to pages of the portal only, or a crafted link would lead people to another site (docs/spec.md 1.7).
/// </summary>
public static class LocalUrl
{
    private const int Longest = 2000;

    /// <summary>
    /// Returns the address if it is a path of this site that no browser can read as another site's; otherwise the home page. The fragment is dropped.
    /// </summary>
    public static string OrHome(string? url)
    {
        if (url is not { Length: > 0 and <= Longest }) return PortalUrls.Home;
        // Browsers read \ as /, and drop tabs and line breaks anywhere in an address.
        if (url[0] != '/' || url.StartsWith("//", StringComparison.Ordinal) || url.Any(c => c == '\\' || char.IsControl(c))) return PortalUrls.Home;
        var site = new Uri("http://portal.invalid");
        if (!Uri.TryCreate(site, url, out var uri) || uri.Host != site.Host || uri.Scheme != site.Scheme) return PortalUrls.Home;
        // Checked again after parsing: dot segments are resolved now, and "/.//evil" has become "//evil".
        return uri.PathAndQuery.StartsWith("//", StringComparison.Ordinal) ? PortalUrls.Home : uri.PathAndQuery;
    }
}
