using System.Net.Mime;
using System.Text.Encodings.Web;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// The names under which the portal answers: its public address, one that waits for its first visit (spec 4.2), and this machine's own. Any other name is refused with a
/// page that names the right address: a page under a foreign name would build links and redirects with it, and its circuit would be refused without a word.
/// Probes come by number, so health answers under every name.
/// </summary>
internal static partial class PublicHost
{
    /// <summary>One line for the operator, however often a scanner asks.</summary>
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromMinutes(1);

    internal static IApplicationBuilder UsePublicHost(this WebApplication app)
    {
        var address = app.Services.GetRequiredService<PublicAddress>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PublicHost).FullName!);
        var toldAt = 0L;
        return app.Use(async (http, next) =>
        {
            KeepRedirectsHere(http);
            if (http.Request.Path.StartsWithSegments("/health") || await address.IsOwnHostAsync(http.Request.Host, http.RequestAborted))
            {
                await next(http);
                return;
            }
            var right = await address.BaseAsync(http.RequestAborted);
            var (now, last) = (time.GetUtcNow().UtcTicks, Interlocked.Read(ref toldAt));
            if (now - last >= TellAgainAfter.Ticks && Interlocked.CompareExchange(ref toldAt, now, last) == last) LogForeign(log, http.Request.Host.Value ?? "", right);
            await RefuseAsync(http, right);
        });
    }

    /// <summary>
    /// A redirect to the portal itself names no scheme, host or port: behind a proxy that ends TLS or moves the port the request's own are not those of the browser.
    /// </summary>
    private static void KeepRedirectsHere(HttpContext http) => http.Response.OnStarting(() =>
    {
        if (http.Response.Headers.Location is [{ Length: > 0 } location] && Uri.TryCreate(location, UriKind.Absolute, out var target)
            && (target.Scheme == Uri.UriSchemeHttp || target.Scheme == Uri.UriSchemeHttps)
            && string.Equals(target.Authority, Authority(http.Request), StringComparison.OrdinalIgnoreCase))
            http.Response.Headers.Location = target.PathAndQuery + target.Fragment;
        return Task.CompletedTask;
    });

    private static string? Authority(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.ToUriComponent()}", UriKind.Absolute, out var own) ? own.Authority : null;

    private static Task RefuseAsync(HttpContext http, string right)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        return http.Response.WriteAsync(PlainPage.Html(Texts.Shell_OtherAddressTitle, Texts.Shell_OtherAddressText, right, Texts.Shell_OtherAddressOperator));
    }

    [LoggerMessage(LogLevel.Warning, "The portal was asked for as {Host} and refused: its public address is {PublicAddress}. Use that, or correct it with Portal:PublicUrl or the command public-address")]
    private static partial void LogForeign(ILogger log, string host, string publicAddress);
}

/// <summary>A page that needs nothing of the portal: no script, no stylesheet, no database.</summary>
internal static class PlainPage
{
    /// <param name="link">An address to go to, shown in full; null = none.</param>
    /// <param name="small">For whoever runs the portal.</param>
    internal static string Html(string title, string text, string? link = null, string? small = null)
    {
        var encode = HtmlEncoder.Default;
        var to = link is null ? "" : $"<p><a href=\"{encode.Encode(link)}/\">{encode.Encode(link)}</a></p>";
        var below = small is null ? "" : $"<p><small>{encode.Encode(small)}</small></p>";
        return $$"""
            <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
            <title>{{encode.Encode(title)}}</title>
            <style>
            :root { color-scheme: light dark }
            body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f5f6f9, #0e1219); color: light-dark(#161b26, #e6e9f0) }
            main { max-width: 28rem; margin: 1rem; padding: 2rem; border: 1px solid light-dark(#e0e4ec, #29313f); border-radius: 8px; background: light-dark(#fff, #151a23) }
            h1 { font-size: 20px; font-weight: 600; margin: 0 0 .5rem }
            a { color: light-dark(#2f4bc7, #93a6ff); overflow-wrap: anywhere }
            small { color: light-dark(#566074, #9aa5b9) }
            </style></head><body><main><h1>{{encode.Encode(title)}}</h1><p>{{encode.Encode(text)}}</p>{{to}}{{below}}</main></body></html>
            """;
    }
}
