using System.Globalization;
using System.Text.Json;

namespace OpenCrm.Portal.Benchmarks.Circuits;

/// <summary>
/// The browser's part of a circuit: what the server calls in the page. It does what matters to the server, such as fetching the session cookie and
/// following a navigation, and answers the rest with nothing.
/// </summary>
internal sealed class CircuitScript(Visitor visitor, Circuit circuit)
{
    /// <summary>The wire's number for a call that wants a reference to a script object; a module is one.</summary>
    private const int WantsReference = 1;

    private int _references;

    /// <summary>The server's object that takes events.</summary>
    public long Renderer { get; private set; } = 1;

    public async Task RunAsync(long call, string function, string? values, int wants)
    {
        var arguments = string.IsNullOrEmpty(values) ? default : JsonSerializer.Deserialize<JsonElement>(values);
        switch (function)
        {
            case "Blazor._internal.attachWebRendererInterop":
                Renderer = arguments[1].GetProperty("__dotNetObject").GetInt64();
                break;
            case "Blazor._internal.navigationManager.navigateTo":
                await AnswerAsync(call, "null");
                await circuit.GoAsync(arguments[0].GetString()!, StateOf(arguments));
                return;
            case "portal.postSession":
                // Beside the other messages, as in a browser: the circuit goes on drawing meanwhile.
                _ = PostSessionAsync(call, arguments);
                return;
            case "portal.browser":
                await AnswerAsync(call, """{"zone":"Etc/UTC","culture":"en-GB"}""");
                return;
        }
        var result = wants == WantsReference
            ? string.Create(CultureInfo.InvariantCulture, $$"""{"__jsObjectId":{{++_references}}}""")
            : "null";
        await AnswerAsync(call, result);
    }

    private static string? StateOf(JsonElement arguments) =>
        arguments.GetArrayLength() > 1 && arguments[1].ValueKind == JsonValueKind.Object
            && arguments[1].TryGetProperty("historyEntryState", out var state)
            ? state.GetString()
            : null;

    private async Task PostSessionAsync(long call, JsonElement arguments)
    {
        try
        {
            var status = await visitor.PostSessionAsync(arguments[0].GetString()!, arguments[1].GetString());
            await AnswerAsync(call, status.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception broken)
        {
            await circuit.Fail($"The session could not be posted: {broken}");
        }
    }

    // Zero is a call that waits for no answer.
    private Task AnswerAsync(long call, string result) =>
        call == 0
            ? Task.CompletedTask
            : circuit.AnswerAsync(call, succeeded: true, string.Create(CultureInfo.InvariantCulture, $"[{call},true,{result}]"));
}
