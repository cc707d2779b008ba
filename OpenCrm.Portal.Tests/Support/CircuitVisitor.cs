using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.SignIn;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>One browser at one host: a circuit with the browser's pre-session cookie, and the few HTTP requests of signing in.</summary>
public sealed class CircuitVisitor : IAsyncDisposable
{
    public const string SessionCookie = "__Host-session";
    private const string BrowserCookie = Prefix + "browser";
    private const string Prefix = "__Host-";

    private readonly AsyncServiceScope _circuit;
    private readonly HttpClient _client;
    private readonly Dictionary<string, string> _cookies;

    private CircuitVisitor(AsyncServiceScope circuit, HttpClient client, string browser, SignInConversation conversation) =>
        (_circuit, _client, _cookies, Browser, Conversation) = (circuit, client, new() { [BrowserCookie] = browser }, browser, conversation);

    /// <summary>The value of the pre-session cookie.</summary>
    public string Browser { get; }

    public SignInConversation Conversation { get; }

    /// <summary>What the browser says about languages with each request; null for nothing.</summary>
    public string? AcceptLanguage { get; set; }

    public IServiceProvider Services => _circuit.ServiceProvider;

    public string? Session => _cookies.GetValueOrDefault(SessionCookie);

    /// <param name="address">The client's address; null as in a test server, where connections have none.</param>
    /// <param name="browser">The pre-session cookie of a browser that has been here before; null for a new browser.</param>
    public static CircuitVisitor At(PortalHost host, string? address = "192.0.2.1", string? browser = null)
    {
        browser ??= SecretToken.Generate();
        var circuit = host.NewCircuit();
        var accessor = circuit.ServiceProvider.GetRequiredService<IHttpContextAccessor>();
        var opening = new DefaultHttpContext();
        opening.Request.Headers.Cookie = $"{BrowserCookie}={browser}";
        opening.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        accessor.HttpContext = opening;
        try
        {
            return new CircuitVisitor(circuit, host.CreateClient(), browser, circuit.ServiceProvider.GetRequiredService<SignInConversation>());
        }
        finally
        {
            accessor.HttpContext = null;
        }
    }

    public Task<SignInOutcome> PasswordAsync(string name, string password) => Conversation.SubmitPasswordAsync(name, password);

    public Task<SignInOutcome> CodeAsync(string code) => Conversation.SubmitCodeAsync(code);

    /// <summary>Exchanges a ticket for the session cookie, as the page's script does.</summary>
    public async Task<HttpStatusCode> RedeemAsync(string ticket)
    {
        using var answer = await PostAsync(PortalUrls.Session, JsonContent.Create(new { ticket }));
        return answer.StatusCode;
    }

    /// <summary>Posts with a new antiforgery token.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, HttpContent? content = null)
    {
        using var token = await SendAsync(new(HttpMethod.Get, PortalUrls.SessionAntiforgery));
        var made = JsonNode.Parse(await token.Content.ReadAsStringAsync())!;
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content ?? JsonContent.Create(new { }) };
        request.Headers.Add((string)made["header"]!, (string)made["token"]!);
        return await SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(new(HttpMethod.Get, path));

    /// <summary>Returns the page as this browser gets it.</summary>
    public async Task<string> ReadPageAsync(string path)
    {
        using var answer = await GetAsync(path);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Moves the same browser to another node, as a proxy might.</summary>
    public CircuitVisitor MovedTo(PortalHost host)
    {
        var moved = At(host, browser: Browser);
        foreach (var (name, value) in _cookies) moved._cookies[name] = value;
        return moved;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _circuit.DisposeAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        // Set by hand: the cookies are Secure, and the client's own jar would not send them over the test server's plain HTTP. Sent under both names,
        // with and without prefix; another test checks which one is read.
        lock (_cookies)
        {
            var both = _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}; {cookie.Key[Prefix.Length..]}={cookie.Value}");
            request.Headers.Add("Cookie", string.Join("; ", both));
        }
        if (AcceptLanguage is { } accepted) request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        var answer = await _client.SendAsync(request);
        if (!answer.Headers.TryGetValues("Set-Cookie", out var set)) return answer;
        lock (_cookies)
            foreach (var cookie in set)
            {
                var parts = cookie.Split(';')[0].Split('=', 2);
                _cookies[parts[0].StartsWith(Prefix, StringComparison.Ordinal) ? parts[0] : Prefix + parts[0]] = parts[1];
            }
        return answer;
    }
}
