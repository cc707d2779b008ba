namespace OpenCrm.Portal.Shell;

/// <summary>An entry of the navigation: a page, or a group of them.</summary>
/// <remarks>The text is read at each render, because it depends on the reader's language.</remarks>
internal sealed record NavItem(Func<string> Text, string? Url = null, string? Icon = null, params NavItem[] Items)
{
    /// <summary>Whether the path is the entry's page or one below it: a user record belongs to Users.</summary>
    public bool Holds(string path) => Url is not null &&
        (path == Url || (Url != PortalUrls.Home && path.StartsWith(Url + "/", StringComparison.Ordinal)));
}
