using System.Collections;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.StaticAssets;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Decides under which name a cookie of the portal is sent; all other code uses the <c>__Host-…</c> name and lets the cookie be Secure. WebKit drops
/// Secure cookies over plain http, even on localhost. So while the public address itself is plain http on this machine, and the request came directly
/// from this machine, a cookie without prefix and Secure replaces the other. Only one of the two is ever written, and only that one is read.
/// </summary>
internal static class LoopbackCookies
{
    private static readonly object Straight = new(), Plain = new();

    /// <summary>Whether the cookies of this request have no prefix and are not Secure.</summary>
    public static bool ArePlain(HttpContext http) => http.Items.ContainsKey(Plain);

    /// <summary>Returns the prefix of cookie names in the answer to this request.</summary>
    public static string Prefix(HttpContext http) => ArePlain(http) ? "" : CookieNames.Prefix;

    /// <summary>
    /// Notes which requests came directly. Must be the first middleware: a later one may trust the headers of a proxy and remove them.
    /// </summary>
    public static void NoteStraightOnes(IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (CameStraight(http)) http.Items[Straight] = true;
        return next(http);
    });

    /// <summary>
    /// Decides for each request, before anything reads a cookie. Assets and health probes have none, and must answer without the database.
    /// </summary>
    public static void Decide(IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        // The note is removed before the database is asked: if the database is away, the error page that follows does not ask it again.
        if (http.Items.Remove(Straight) && MayHaveCookies(http) && await IsPublicAddressPlainAsync(http))
        {
            http.Items[Plain] = true;
            http.Features.Set<IRequestCookiesFeature>(new RequestCookiesFeature(new PlainCookies(http.Request.Cookies)));
        }
        await next(http);
    });

    /// <summary>Applies the decision to every cookie that is written or deleted.</summary>
    public static void Write(CookiePolicyOptions options)
    {
        options.Secure = CookieSecurePolicy.Always;
        options.OnAppendCookie = cookie => (cookie.CookieName, cookie.CookieOptions.Secure) = OnTheWire(cookie.Context, cookie.CookieName);
        options.OnDeleteCookie = cookie => (cookie.CookieName, cookie.CookieOptions.Secure) = OnTheWire(cookie.Context, cookie.CookieName);
    }

    private static (string Name, bool Secure) OnTheWire(HttpContext http, string name) =>
        ArePlain(http) && name.StartsWith(CookieNames.Prefix, StringComparison.Ordinal) ? (name[CookieNames.Prefix.Length..], false) : (name, true);

    /// <summary>
    /// Whether the request used a loopback name, came from this machine, and through no proxy. Over TLS no browser drops Secure cookies.
    /// </summary>
    private static bool CameStraight(HttpContext http) =>
        !http.Request.IsHttps
        && PublicAddress.IsLoopbackName(http.Request.Host.Host)
        && http.Connection.RemoteIpAddress is { } peer && IPAddress.IsLoopback(peer)
        && !http.Request.Headers.Keys.Any(IsOfProxy);

    private static bool IsOfProxy(string header) =>
        header.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Via", StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);

    private static bool MayHaveCookies(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is null
        && !http.Request.Path.StartsWithSegments(PortalUrls.Health, StringComparison.OrdinalIgnoreCase);

    private static async Task<bool> IsPublicAddressPlainAsync(HttpContext http)
    {
        await using var work = await http.RequestServices.GetRequiredService<UnitsOfWork>().ReadAsync(http.RequestAborted);
        var address = http.RequestServices.GetRequiredService<PublicAddress>();
        return PublicAddress.IsPlainOnThisMachine(await address.ReadBaseAsync(work, http.RequestAborted));
    }

    /// <summary>
    /// The request's cookies, with the portal's own under the names that the code uses. A cookie that came with the prefix is left out.
    /// </summary>
    private sealed class PlainCookies(IRequestCookieCollection sent) : IRequestCookieCollection
    {
        private readonly Dictionary<string, string> _cookies = sent
            .Where(cookie => !cookie.Key.StartsWith(CookieNames.Prefix, StringComparison.Ordinal))
            .ToDictionary(
                cookie => CookieNames.Ours.Contains(CookieNames.Prefix + cookie.Key) ? CookieNames.Prefix + cookie.Key : cookie.Key,
                cookie => cookie.Value);

        public int Count => _cookies.Count;

        public ICollection<string> Keys => _cookies.Keys;

        public string? this[string key] => _cookies.GetValueOrDefault(key);

        public bool ContainsKey(string key) => _cookies.ContainsKey(key);

        public bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) =>
            _cookies.TryGetValue(key, out value);

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _cookies.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
