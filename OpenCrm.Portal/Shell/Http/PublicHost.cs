using System.Net.Mime;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Checks the host name of each request (docs/spec.md 4.2). The portal answers under its public address, under a new one that waits for its first
/// visit, and under this machine's own names. Any other name is refused with a page that shows the right address: a page under a foreign name would
/// build links and redirects with it, and its circuit would be refused without explanation. An open page, for which the name was right when it was
/// loaded, gets an answer that its script understands, so that it can lead there. Health probes come by IP address, so the health endpoints answer
/// under every name.
/// </summary>
internal static partial class PublicHost
{
    internal static IApplicationBuilder UsePublicHost(this WebApplication app)
    {
        var address = app.Services.GetRequiredService<PublicAddress>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PublicHost).FullName!);
        // Few lines in the log, however often a scanner asks.
        var pace = new LogPace(app.Services.GetRequiredService<TimeProvider>());
        return app.Use(async (http, next) =>
        {
            KeepRedirectsHere(http);
            if (http.Request.Path.StartsWithSegments("/health")
                || await address.FindInsteadOfAsync(http.Request.Host, http.RequestAborted) is not { } right)
            {
                await next(http);
                return;
            }
            if (pace.IsDue(out var before)) LogForeign(log, http.Request.Host.Value ?? "", right, before);
            await RefuseAsync(http, right);
        });
    }

    /// <summary>
    /// Leaves scheme, host and port out of redirects to the portal itself: behind a proxy that ends TLS or changes the port, those of the request are
    /// not those of the browser.
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
        if (http.Request.Path.StartsWithSegments(SocketOrigin.Hub, StringComparison.OrdinalIgnoreCase))
            return SocketOrigin.AnswerAsync(http, StatusCodes.Status400BadRequest, right);
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        return http.Response.WriteAsync(
            PlainPage.Html(Texts.Shell_OtherAddressTitle, Texts.Shell_OtherAddressText, link: right, small: Texts.Shell_OtherAddressOperator));
    }

    [LoggerMessage(LogLevel.Warning,
        "The portal was asked for as {Host} and refused: its public address is {PublicAddress}. "
        + "Use that, or correct it with Portal:PublicUrl or the command public-address. "
        + "{LeftOut} more since the last such line")]
    private static partial void LogForeign(ILogger log, string host, string publicAddress, int leftOut);
}
