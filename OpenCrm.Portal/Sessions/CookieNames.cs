namespace OpenCrm.Portal.Sessions;

/// <summary>The portal's cookies by the names that its code uses; <see cref="LoopbackCookies"/> knows when the wire has others.</summary>
internal static class CookieNames
{
    /// <summary>A browser takes a cookie of such a name only with Secure, for this host alone, and for all of its paths.</summary>
    public const string Prefix = "__Host-";

    public const string Session = Prefix + "session";
    public const string Browser = Prefix + "browser";
    public const string Antiforgery = Prefix + "antiforgery";

    /// <summary>Written by head.js.</summary>
    public const string Theme = Prefix + "theme";

    /// <summary>Written by head.js.</summary>
    public const string SystemDark = Prefix + "system-dark";

    public static readonly IReadOnlySet<string> Ours = new HashSet<string>(StringComparer.Ordinal) { Session, Browser, Antiforgery, Theme, SystemDark };
}
