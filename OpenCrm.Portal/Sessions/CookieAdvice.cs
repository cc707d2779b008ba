using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Explains why nobody can be signed in when the browser keeps no cookie of the portal. The explanation depends on the address at which the page was
/// opened.
/// </summary>
public sealed class CookieAdvice(NavigationManager page, PublicAddress address, UnitsOfWork units, CookieAdvice.Pace pace, ILogger<CookieAdvice> log)
{
    /// <summary>Returns what the person can do, and logs for the operator which setting causes it.</summary>
    public async Task<string> SayAsync(CancellationToken cancel = default)
    {
        var here = new Uri(page.BaseUri);
        // Over https only the browser's own setting can be the cause.
        if (here.Scheme == Uri.UriSchemeHttps) return Texts.SignIn_NoCookies;
        await using var work = await units.ReadAsync(cancel);
        var right = await address.ReadBaseAsync(work, cancel);
        if (pace.IsDue(out var before)) log.NoCookieKept(here.GetLeftPart(UriPartial.Authority), right, before);
        return Uri.TryCreate(right, UriKind.Absolute, out var there)
            && Uri.Compare(here, there, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0
            ? Texts.SignIn_NoCookiesHere.Replace("{0}", right, StringComparison.Ordinal)
            : Texts.SignIn_NoCookiesPlain;
    }

    /// <summary>Shared by all circuits, so that together they log one line a minute.</summary>
    public sealed class Pace(TimeProvider time) : LogPace(time);
}

internal static partial class CookieAdviceLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message =
        "A browser kept no cookie at {Address}, so nobody can be signed in there. "
        + "Cookies need https, or a page that this machine's own browser opens by a loopback address, past any proxy. "
        + "The public address is {PublicAddress}: give people that one, or set Portal:PublicUrl. {LeftOut} more since the last such line")]
    internal static partial void NoCookieKept(this ILogger log, string address, string publicAddress, int leftOut);
}
