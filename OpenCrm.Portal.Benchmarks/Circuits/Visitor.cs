using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OpenCrm.Portal.Benchmarks.Circuits;

/// <summary>What came back: status, text, and where it sends the visitor.</summary>
internal sealed record Page(HttpStatusCode Status, string Text, Uri? Location);

/// <summary>One browser at one server: its cookies and its requests. All visitors of a process share their connections.</summary>
internal sealed partial class Visitor(Uri server)
{
    private static readonly SocketsHttpHandler Connections = new()
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        AutomaticDecompression = DecompressionMethods.All,
    };

    private static readonly HttpClient Client = new(Connections) { Timeout = TimeSpan.FromSeconds(100) };

    // By hand: the client's own jar would not send Secure cookies over plain HTTP, as browsers do on this machine.
    private readonly Dictionary<string, string> _cookies = [];

    public Uri Server { get; } = server;

    /// <summary>The header's value; null without a cookie.</summary>
    public string? Cookies
    {
        get
        {
            lock (_cookies) return _cookies.Count == 0 ? null : string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        }
    }

    /// <summary>Connections that outlive the one who uses them.</summary>
    public static HttpMessageHandler SharedConnections() => new Lent(Connections);

    public Task<Page> GetAsync(string path) => SendAsync(new(HttpMethod.Get, new Uri(Server, path)));

    public Task<Page> PostFormAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(new(HttpMethod.Post, new Uri(Server, path))
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        });

    public Task<Page> PostJsonAsync(string path, object body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server, path))
        {
            Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return SendAsync(request);
    }

    /// <summary>Posts as the portal's own script does: with an antiforgery token fetched just before (wwwroot/head.js).</summary>
    public async Task<int> PostSessionAsync(string path, string? ticket)
    {
        var made = JsonNode.Parse((await GetAsync(PortalUrls.SessionAntiforgery)).Text)!;
        object body = ticket is null ? new { } : new { ticket };
        return (int)(await PostJsonAsync(path, body, ((string)made["header"]!, (string)made["token"]!))).Status;
    }

    /// <summary>The value of a field of a form that the server sent as HTML.</summary>
    public static string FieldOf(string html, string name) =>
        WebUtility.HtmlDecode(
            Inputs().Matches(html).Select(input => input.Value).FirstOrDefault(input => input.Contains($"name=\"{name}\"", StringComparison.Ordinal))
                is { } found
                ? Value().Match(found).Groups[1].Value
                : throw new InvalidOperationException($"There is no field {name} in {html[..Math.Min(html.Length, 300)]}"));

    private async Task<Page> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            if (Cookies is { } cookies) request.Headers.Add("Cookie", cookies);
            request.Headers.Add("Accept", request.Content is StringContent ? "application/json" : "text/html");
            request.Headers.AcceptEncoding.ParseAdd("br, gzip");
            if (request.Method == HttpMethod.Post) request.Headers.Add("Origin", Server.GetLeftPart(UriPartial.Authority));
            using var answer = await Client.SendAsync(request);
            if (answer.Headers.TryGetValues("Set-Cookie", out var set)) Keep(set);
            return new(answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.Location);
        }
    }

    private void Keep(IEnumerable<string> set)
    {
        lock (_cookies)
            foreach (var cookie in set)
            {
                var parts = cookie.Split(';')[0].Split('=', 2);
                if (parts[1].Length == 0) _cookies.Remove(parts[0]);
                else _cookies[parts[0]] = parts[1];
            }
    }

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Inputs();

    [GeneratedRegex("value=\"([^\"]*)\"")]
    private static partial Regex Value();

    private sealed class Lent(SocketsHttpHandler connections) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _invoker = new(connections, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _invoker.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing) _invoker.Dispose();
            base.Dispose(disposing);
        }
    }
}
