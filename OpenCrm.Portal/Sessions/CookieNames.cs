namespace OpenCrm.Portal.Sessions;

/// <summary>The portal's cookies by the names that the code uses; <see cref="LoopbackCookies"/> decides when they are sent under others.</summary>
internal static class CookieNames
{
    /// <summary>A browser accepts a cookie with this prefix only if it is Secure, for this host alone, and for all paths.</summary>
    public const string Prefix = "__Host-";

    public const string Session = Prefix + "session";
    public const string Browser = Prefix + "browser";
    public const string Antiforgery = Prefix + "antiforgery";

    /// <summary>Written by head.js.</summary>
    public const string Theme = Prefix + "theme";

    /// <summary>Written by head.js.</summary>
    public const string SystemDark = Prefix + "system-dark";

    /// <summary>Written by Shell/PersonScope.razor.js: the language that the person of this browser chose.</summary>
    public const string Language = Prefix + "language";

    public static readonly IReadOnlySet<string> Ours =
        new HashSet<string>(StringComparer.Ordinal) { Session, Browser, Antiforgery, Theme, SystemDark, Language };
}
