namespace OpenCrm.Portal.Shell;

/// <summary>An entry of the navigation: a page, or a group of them.</summary>
/// <param name="Text">Asked at each render, because a text depends on the reader's language.</param>
/// <param name="Exists">A link to a page that is not there yet would be a promise broken.</param>
internal sealed record NavItem(Func<string> Text, string? Url = null, string? Icon = null, bool Exists = false, params NavItem[] Items)
{
    public bool IsShown => Exists || Items.Any(item => item.IsShown);

    /// <summary>The page itself or one below it: a user record belongs to Users.</summary>
    public bool Holds(string path) => Url is not null &&
        (path == Url || (Url != PortalUrls.Home && path.StartsWith(Url + "/", StringComparison.Ordinal)));
}
