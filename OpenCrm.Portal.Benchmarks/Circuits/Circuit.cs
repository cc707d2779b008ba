using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace OpenCrm.Portal.Benchmarks.Circuits;

/// <summary>
/// One page with its circuit, without a browser: speaks the hub protocol of Blazor Server (.NET 10) over a WebSocket, keeps the page as it is drawn,
/// and types and clicks in it. Thousands fit into one process.
/// </summary>
internal sealed partial class Circuit : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly IServiceProvider NoServices = new Nothing();

    private readonly BlazorPackProtocol _protocol = new();
    private readonly HubConnection _hub;
    private readonly CircuitScript _script;
    private readonly Dictionary<string, TaskCompletionSource> _calls = [];
    private readonly Visitor _visitor;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _drawn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _call, _batches;
    private string? _fault;

    private Circuit(Visitor visitor, Uri address)
    {
        (_visitor, Address) = (visitor, address);
        _script = new(visitor, this);
        _hub = Connection(visitor, _protocol);
        _hub.ServerTimeout = TimeSpan.FromMinutes(5);
        _hub.HandshakeTimeout = Patience;
        _hub.Closed += why => Fail($"The connection was closed: {why?.Message ?? "by the server"}");
        Listen();
    }

    public PageTree Page { get; } = new();

    /// <summary>The address that the page shows.</summary>
    public Uri Address { get; private set; }

    /// <summary>Render batches since it was opened.</summary>
    public int Batches => Volatile.Read(ref _batches);

    /// <summary>Bytes from the server since it was opened, without the page itself.</summary>
    public long Received => _protocol.Received;

    /// <summary>Ends when the circuit does; a page in use has one for as long as it is open.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Opens a page and starts its circuit, as blazor.web.js does.</summary>
    public static async Task<Circuit> OpenAsync(Visitor visitor, string path)
    {
        var page = await visitor.GetAsync(path);
        for (var hops = 0; page.Location is { } location && hops < 5; hops++)
        {
            path = new Uri(visitor.Server, location).PathAndQuery;
            page = await visitor.GetAsync(path);
        }
        if ((int)page.Status != 200) throw new InvalidOperationException($"{path} answered {page.Status}");
        return await StartAsync(visitor, path, page.Text);
    }

    /// <summary>Starts the circuit of a page that was loaded already.</summary>
    public static async Task<Circuit> StartAsync(Visitor visitor, string path, string html)
    {
        var circuit = new Circuit(visitor, new Uri(visitor.Server, path));
        try
        {
            await circuit.StartAsync(html);
            return circuit;
        }
        catch
        {
            await circuit.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until that is on the page.</summary>
    public async Task<PageNode> FindAsync(Func<PageTree, PageNode?> look, string what)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var next = _drawn.Task;
            if (look(Page) is { } found) return found;
            if (_fault is not null) throw new InvalidOperationException($"{what}: {_fault}");
            if (waited.Elapsed > Patience) throw new TimeoutException($"{what} is not on the page: {Page.Words()}");
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(1)));
        }
    }

    /// <summary>Waits until that is no longer on the page.</summary>
    public Task GoneAsync(Func<PageTree, PageNode?> look, string what) =>
        FindAsync(page => look(page) is null ? new PageNode() : null, $"The end of {what}");

    /// <summary>Types a text into the field, in one event.</summary>
    /// <returns>Milliseconds from the event to the next render batch, or to the end of the handler where nothing changed.</returns>
    public async Task<double> TypeAsync(string label, string text)
    {
        var field = await FindAsync(page => page.Field(label), $"The field {label}");
        var kind = field.Handlers.ContainsKey("input") ? "input" : "change";
        return await DispatchAsync(field, kind, new { value = text }, new { componentId = field.Component, fieldValue = text });
    }

    /// <summary>Ticks or unticks a box.</summary>
    /// <inheritdoc cref="TypeAsync"/>
    public Task<double> TickAsync(PageNode box, bool on) =>
        DispatchAsync(box, "change", new { value = on }, new { componentId = box.Component, fieldValue = on });

    /// <summary>Presses a button, or submits the form whose button it is; returns when the handler has ended.</summary>
    /// <inheritdoc cref="TypeAsync"/>
    public async Task<double> PressAsync(string name) => await PressAsync(await FindAsync(page => page.Button(name), $"The button {name}"));

    /// <inheritdoc cref="PressAsync(string)"/>
    public Task<double> PressAsync(PageNode button) =>
        button.Nearest(node => node.Handlers.ContainsKey("click")) is { } clicked
            ? DispatchAsync(clicked, "click", new { detail = 1, type = "click" })
            : button.Nearest(node => node.Handlers.ContainsKey("submit")) is { } form
                ? DispatchAsync(form, "submit", new { })
                : throw new InvalidOperationException($"Nothing listens to the button {button.Words()}");

    /// <summary>Clicks the link with this name.</summary>
    public async Task FollowAsync(string name) =>
        await GoAsync((await FindAsync(page => page.Link(name), $"The link {name}")).Attributes["href"], intercepted: true);

    /// <summary>Goes to another page inside the circuit.</summary>
    public Task GoAsync(string address, string? state = null, bool intercepted = false)
    {
        Address = new(_visitor.Server, address);
        return _hub.SendAsync("OnLocationChanged", Address.ToString(), state, intercepted);
    }

    /// <summary>Answers a call of the server into the page's script.</summary>
    internal Task AnswerAsync(long call, bool succeeded, string result) => _hub.SendAsync("EndInvokeJSFromDotNet", call, succeeded, result);

    internal Task Fail(string why)
    {
        _fault ??= why;
        _ended.TrySetResult();
        lock (_calls)
        {
            foreach (var call in _calls.Values) call.TrySetException(new InvalidOperationException(why));
            _calls.Clear();
        }
        Wake();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _hub.DisposeAsync();

    private static HubConnection Connection(Visitor visitor, BlazorPackProtocol protocol)
    {
        var options = new HttpConnectionOptions
        {
            Url = new Uri(visitor.Server, "_blazor"),
            Transports = HttpTransportType.WebSockets,
            DefaultTransferFormat = TransferFormat.Binary,
            HttpMessageHandlerFactory = _ => Visitor.SharedConnections(),
        };
        options.Headers["Origin"] = visitor.Server.GetLeftPart(UriPartial.Authority);
        if (visitor.Cookies is { } cookies) options.Headers["Cookie"] = cookies;
        return new HubConnection(
            new HttpConnectionFactory(Options.Create(options), NullLoggerFactory.Instance), protocol, new UriEndPoint(options.Url), NoServices,
            NullLoggerFactory.Instance);
    }

    private async Task StartAsync(string html)
    {
        await _hub.StartAsync().WaitAsync(Patience);
        var id = await _hub.InvokeAsync<string?>("StartCircuit", _visitor.Server.ToString(), Address.ToString(), "[]", "").WaitAsync(Patience);
        if (string.IsNullOrEmpty(id)) throw new InvalidOperationException($"No circuit for {Address}: {_fault}");
        var roots = Markers().Matches(html)
            .Select(marker => marker.Groups[1].Value)
            .Where(marker => marker.Contains("\"descriptor\"", StringComparison.Ordinal))
            .Select((marker, at) => string.Create(CultureInfo.InvariantCulture,
                $$"""{"type":"add","ssrComponentId":{{at + 1}},"marker":{{marker}}}"""));
        var operations = $$"""{"batchId":1,"operations":[{{string.Join(',', roots)}}]}""";
        await _hub.SendAsync("UpdateRootComponents", operations, State().Match(html).Groups[1].Value);
    }

    private void Listen()
    {
        On("JS.RenderBatch", [typeof(long), typeof(byte[])], values => DrawAsync((long)values[0]!, (byte[])values[1]!));
        On("JS.BeginInvokeJS", [typeof(long), typeof(string), typeof(string), typeof(int), typeof(long), typeof(int)], values =>
            _script.RunAsync((long)values[0]!, (string)values[1]!, (string?)values[2], (int)values[3]!));
        On("JS.EndInvokeDotNet", [typeof(string), typeof(bool), typeof(string)], values =>
            End((string)values[0]!, (bool)values[1]!, (string?)values[2]));
        On("JS.Error", [typeof(string)], values => Fail($"The circuit ended: {values[0]}"));
        On("JS.AttachComponent", [typeof(long), typeof(string)], _ => Task.CompletedTask);
        On("JS.EndUpdateRootComponents", [typeof(long)], _ => Task.CompletedTask);
    }

    private void On(string method, Type[] types, Func<object?[], Task> handle) => _hub.On(
        method, types,
        async (values, state) =>
        {
            try
            {
                await ((Func<object?[], Task>)state)(values);
            }
            catch (Exception broken)
            {
                await Fail($"{method}: {broken}");
            }
        },
        handle);

    private Task DrawAsync(long batch, byte[] bytes)
    {
        Page.Apply(new(bytes));
        Interlocked.Increment(ref _batches);
        Wake();
        return _hub.SendAsync("OnRenderCompleted", batch, (string?)null);
    }

    private void Wake() =>
        Interlocked.Exchange(ref _drawn, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task<double> DispatchAsync(PageNode node, string kind, object values, object? field = null)
    {
        var (began, drawn) = (Stopwatch.GetTimestamp(), _drawn.Task);
        var call = Interlocked.Increment(ref _call).ToString(CultureInfo.InvariantCulture);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_calls) _calls[call] = ended;
        var described = new { eventHandlerId = node.Handlers[kind], eventName = kind, eventFieldInfo = field };
        await _hub.SendAsync(
            "BeginInvokeDotNetFromJS", call, (string?)null, "DispatchEventAsync", _script.Renderer,
            JsonSerializer.Serialize(new object[] { described, values }));
        if (_fault is not null) await Fail(_fault);
        await Task.WhenAny(drawn, ended.Task).WaitAsync(Patience);
        var milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await ended.Task.WaitAsync(Patience);
        return milliseconds;
    }

    private Task End(string call, bool succeeded, string? result)
    {
        TaskCompletionSource? waiting;
        lock (_calls) _calls.Remove(call, out waiting);
        if (succeeded) waiting?.TrySetResult();
        else waiting?.TrySetException(new InvalidOperationException($"The server refused an event: {result}"));
        return Task.CompletedTask;
    }

    [GeneratedRegex(@"<!--Blazor:(\{.*?\})-->")]
    private static partial Regex Markers();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(.*?)-->")]
    private static partial Regex State();

    /// <summary>A connection asks for what it can do without, and ends its services with itself: so all share none.</summary>
    private sealed class Nothing : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
