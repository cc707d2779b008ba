using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>A page with one WebSocket that shows in the same way as the portal whether its circuit is up, for the tests of the watchers.</summary>
internal sealed class SmallSite : IAsyncDisposable
{
    private const string Page =
        """
        <!doctype html><html lang="en"><head><title>x</title><link rel="icon" href="data:,"><script src="/live.js"></script></head>
        <body></body></html>
        """;

    private const string Script =
        """
        const connect = () => {
            const socket = new WebSocket(`ws://${location.host}/socket`);
            socket.onopen = () => document.documentElement.dataset.circuit = 'up';
            socket.onclose = () => { delete document.documentElement.dataset.circuit; setTimeout(connect, 50); };
        };
        connect();
        """;

    private readonly WebApplication _site;

    private SmallSite(WebApplication site, int port)
    {
        _site = site;
        Port = port;
    }

    public int Port { get; }

    public Uri Address => new($"http://localhost:{Port}");

    public static async Task<SmallSite> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var port = FreePort.Next();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var site = builder.Build();
        site.UseWebSockets();
        site.MapGet("/live.js", () => Results.Text(Script, "text/javascript"));
        site.Map("/socket", HoldAsync);
        site.MapFallback((HttpResponse response) =>
        {
            response.Headers.ContentSecurityPolicy = "default-src 'self'; img-src data:";
            return Results.Text(Page, "text/html");
        });
        await site.StartAsync();
        return new SmallSite(site, port);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _site.StopAsync(now.Token);
        await _site.DisposeAsync();
    }

    private static async Task HoldAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        try
        {
            while (socket.State == WebSocketState.Open)
                await socket.ReceiveAsync(new byte[1024], context.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The connection was cut.
        }
    }
}
