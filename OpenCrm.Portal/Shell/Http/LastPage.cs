using System.Globalization;
using System.Net.Mime;
using System.Text;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Answers with a plain page where no real one can be shown. Its text and colours are part of the program, so it needs neither database nor circuit.
/// It has two places in the pipeline: inside the error handler, for a database that is away, which the error page would only ask again; and outside
/// of it, for an error page that fails itself.
/// </summary>
internal static class LastPage
{
    private const int RetryAfterSeconds = 30;

    private static readonly Dictionary<string, byte[]>
        Away = InEachLanguage(() => Bytes(Texts.Shell_AwayTitle, Texts.Shell_AwayText)),
        Failed = InEachLanguage(() => Bytes(Texts.Shell_FailureTitle, Texts.Shell_ErrorText));

    /// <summary>For the place outside the error handler, which has already logged the failure.</summary>
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

    /// <summary>For the place inside the error handler. Logs at most once a minute, however many requests fail.</summary>
    internal static IApplicationBuilder UseOutagePage(this IApplicationBuilder app)
    {
        var pace = new LogPace(app.ApplicationServices.GetRequiredService<TimeProvider>());
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LastPage));
        return app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested && Outage.IsOne(failure))
            {
                if (pace.IsDue(out _)) log.DatabaseAway(Outage.Reason(failure));
                await AnswerAsync(http, away: true);
            }
        });
    }

    private static async Task AnswerAsync(HttpContext http, bool away)
    {
        // The security headers survive this, because they are set when the response starts.
        http.Response.Clear();
        http.Response.StatusCode = away ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;
        if (away) http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["X-Robots-Tag"] = "noindex";
        http.Response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        var page = (away ? Away : Failed)[CultureInfo.CurrentUICulture.Name];
        http.Response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(page, http.RequestAborted);
    }

    private static Dictionary<string, byte[]> InEachLanguage(Func<byte[]> make) =>
        Languages.All.ToDictionary(language => language.Name, language => Languages.In(language, make));

    private static byte[] Bytes(string title, string text) => Encoding.UTF8.GetBytes(PlainPage.Html(title, text, again: true));
}

internal static partial class LastPageLog
{
    [LoggerMessage(Level = LogLevel.Error,
        Message = "The database (ConnectionStrings:Portal) does not answer: {Reason}. Pages say that the portal is not available")]
    internal static partial void DatabaseAway(this ILogger log, string reason);
}
