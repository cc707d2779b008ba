using System.Net;
using System.Net.Mime;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Net.Http.Headers;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Shell.Http;

/// <summary>
/// Does once what the first visitors would otherwise wait for, before the portal says that it is ready: renders the sign-in page, hashes a password,
/// and runs the statements of a sign-in in a transaction that is dropped. It writes nothing, and a failure stops nothing.
/// </summary>
internal sealed partial class WarmUp(
    IServiceScopeFactory scopes, IHttpContextAccessor accessor, PasswordHashing hashing, Attempts attempts, ILogger<WarmUp> log)
    : IHostedLifecycleService, IHealthCheck
{
    /// <summary>The second rendering finds what the first one compiled and cached, and shows whether that works.</summary>
    private const int Renderings = 2;

    private RequestDelegate? _pages;
    private volatile bool _done;

    /// <summary>Remembers the pipeline from here on, so that a page can be asked for without a connection.</summary>
    internal static void Use(WebApplication app) => app.Use(pages =>
    {
        app.Services.GetRequiredService<WarmUp>()._pages = pages;
        return pages;
    });

    /// <summary>Requests are answered already, but the host does not say that it started, nor the probe that it is ready.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(
                RenderAsync(cancellationToken),
                hashing.CheckAsync(null, SecretToken.Generate(), new Caller.Portal(), cancellationToken),
                attempts.WarmUpAsync(cancellationToken));
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(Outage.Reason(failed));
        }
        _done = true;
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_done ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RenderAsync(CancellationToken cancel)
    {
        if (_pages is not { } pages) return;
        for (var rendering = 1; rendering <= Renderings; rendering++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancel };
            (http.Request.Method, http.Request.Scheme, http.Request.Protocol) = (HttpMethods.Get, Uri.UriSchemeHttp, HttpProtocol.Http11);
            (http.Request.Host, http.Request.Path) = (new("localhost"), PortalUrls.SignIn);
            http.Request.Headers[HeaderNames.Accept] = MediaTypeNames.Text.Html;
            http.Connection.RemoteIpAddress = IPAddress.Loopback;
            accessor.HttpContext = http;
            await pages(http);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The portal could not warm itself up, so its first visitors wait a little longer: {Reason}. "
            + "Check ConnectionStrings:Portal if it goes on like that.")]
    private partial void LogFailed(string reason);
}
