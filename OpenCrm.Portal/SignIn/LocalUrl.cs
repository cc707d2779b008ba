namespace OpenCrm.Portal.SignIn;

/// <summary>Where to go after signing in: pages of the portal only (spec 1.7).</summary>
public static class LocalUrl
{
    private const int Longest = 2000;

    /// <summary>The address if it is a path of this site that a browser cannot read as another site's, else the home page. Its fragment is dropped (spec 8.5).</summary>
    public static string OrHome(string? url)
    {
        if (url is not { Length: > 0 and <= Longest }) return PortalUrls.Home;
        // Browsers read \ as /, and drop tabs and line breaks anywhere in an address.
        if (url[0] != '/' || url.StartsWith("//", StringComparison.Ordinal) || url.Any(c => c == '\\' || char.IsControl(c))) return PortalUrls.Home;
        var site = new Uri("http://portal.invalid");
        if (!Uri.TryCreate(site, url, out var uri) || uri.Host != site.Host || uri.Scheme != site.Scheme) return PortalUrls.Home;
        // Judged once more as it came out: dot segments are gone now, and "/.//evil" is "//evil".
        return uri.PathAndQuery.StartsWith("//", StringComparison.Ordinal) ? PortalUrls.Home : uri.PathAndQuery;
    }
}
