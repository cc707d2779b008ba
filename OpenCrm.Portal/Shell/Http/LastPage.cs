using System.Net.Mime;
using System.Text;
using System.Text.Encodings.Web;
using MudBlazor;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// What is shown where no page can be: text and colours that stand in the program itself, so that it needs neither database nor circuit. In two places of the pipeline: inside the
/// error page, for a database that is away, which a page would only ask again; and outside of it, for an error page that fails itself.
/// </summary>
internal static class LastPage
{
    private const int RetryAfterSeconds = 30;

    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromMinutes(1);

    private static readonly byte[] Away = Page(Texts.Shell_AwayTitle, Texts.Shell_AwayText);

    private static readonly byte[] Failed = Page(Texts.Shell_FailureTitle, Texts.Shell_ErrorText);

    /// <summary>Outside of the error page, which has told the log already.</summary>
    internal static IApplicationBuilder UseLastPage(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await AnswerAsync(http, away: Outage.IsOne(failure));
        }
    });

    /// <summary>Inside of it: the operator is told once a minute at most, however many ask.</summary>
    internal static IApplicationBuilder UseOutagePage(this IApplicationBuilder app)
    {
        var told = DateTimeOffset.MinValue;
        var gate = new Lock();
        var (time, log) = (app.ApplicationServices.GetRequiredService<TimeProvider>(), app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LastPage)));
        return app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested && Outage.IsOne(failure))
            {
                if (MayTell()) log.DatabaseAway(Outage.Reason(failure));
                await AnswerAsync(http, away: true);
            }
        });

        bool MayTell()
        {
            var now = time.GetUtcNow();
            lock (gate)
            {
                if (now - told < TellAgainAfter) return false;
                told = now;
                return true;
            }
        }
    }

    private static async Task AnswerAsync(HttpContext http, bool away)
    {
        // Keeps what is set while an answer starts: the security headers.
        http.Response.Clear();
        http.Response.StatusCode = away ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;
        if (away) http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        http.Response.Headers["X-Robots-Tag"] = "noindex";
        http.Response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        var page = away ? Away : Failed;
        http.Response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(page, http.RequestAborted);
    }

    private static byte[] Page(string title, string text)
    {
        var encode = HtmlEncoder.Default;
        return Encoding.UTF8.GetBytes(
            $$$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            <title>{{{encode.Encode(title)}}} · {{{encode.Encode(Texts.Product)}}}</title>
            <style>
            :root{{{{Colours(PortalTheme.Theme.PaletteLight)}}}}
            @media (prefers-color-scheme:dark){:root{{{{Colours(PortalTheme.Theme.PaletteDark)}}}}}
            *{box-sizing:border-box}
            body{margin:0;min-height:100vh;display:grid;place-items:center;padding:32px 16px;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
            main{width:100%;max-width:416px;padding:40px;border:1px solid var(--border);border-radius:8px;background:var(--surface)}
            svg{width:32px;height:32px;vertical-align:middle;margin-right:8px}
            p{margin:8px 0 0;color:var(--muted)}
            .brand{margin:0 0 32px;color:var(--text);font-weight:600}
            h1{margin:0;font-size:20px;line-height:1.25;font-weight:600}
            a{display:inline-block;margin-top:24px;padding:8px 16px;border-radius:8px;background:var(--accent);color:var(--on);font-weight:600;text-decoration:none}
            a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
            @media (max-width:599px){body{display:block;padding:0;background:var(--surface)}main{max-width:none;padding:32px 24px;border:0}}
            </style>
            </head>
            <body>
            <main>
            <p class="brand"><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="var(--accent)"/><path d="M22.9 13.8a7.3 7.3 0 1 1-4.7-4.75" fill="none" stroke="var(--on)" stroke-width="3" stroke-linecap="round"/><circle cx="22.3" cy="9.3" r="2.1" fill="var(--on)"/></svg>{{{encode.Encode(Texts.Product)}}}</p>
            <h1>{{{encode.Encode(title)}}}</h1>
            <p>{{{encode.Encode(text)}}}</p>
            <a href="">{{{encode.Encode(Texts.Shell_TryAgain)}}}</a>
            </main>
            </body>
            </html>

            """);
    }

    private static string Colours(Palette palette) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"--bg:{palette.Background};--surface:{palette.Surface};--border:{palette.LinesDefault};--text:{palette.TextPrimary};--muted:{palette.TextSecondary};--accent:{palette.Primary};--on:{palette.PrimaryContrastText}");
}

internal static partial class LastPageLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The database (ConnectionStrings:Portal) does not answer: {Reason}. Pages say that the portal is not available")]
    internal static partial void DatabaseAway(this ILogger log, string reason);
}
