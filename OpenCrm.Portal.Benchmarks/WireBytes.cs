using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Counts the bytes that cross the network until the page is interactive: headers, compressed bodies and the socket's frames, as the browser sees
/// them.
/// </summary>
internal static class WireBytes
{
    public static async Task<IReadOnlyList<(string Kind, long Bytes, int Requests)>> OfFirstLoadAsync(IPage page, Uri address)
    {
        var kinds = new ConcurrentDictionary<string, string>();
        var loaded = new ConcurrentQueue<(string Kind, long Bytes)>();
        var network = await page.Context.NewCDPSessionAsync(page);
        On("Network.responseReceived", e => kinds[e.GetProperty("requestId").GetString()!] = e.GetProperty("type").GetString()!);
        On("Network.loadingFinished", e => loaded.Enqueue(
            (kinds.GetValueOrDefault(e.GetProperty("requestId").GetString()!, "Other"), (long)e.GetProperty("encodedDataLength").GetDouble())));
        On("Network.webSocketFrameReceived", e => loaded.Enqueue(("Socket", FrameLength(e))));
        await network.SendAsync("Network.enable");

        await page.GotoAsync(address.ToString());
        await page.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        var all = loaded.ToArray();
        return
        [
            .. from one in all
               group one by one.Kind into kind
               orderby kind.Sum(one => one.Bytes) descending
               select (kind.Key, kind.Sum(one => one.Bytes), kind.Count()),
            ("all", all.Sum(one => one.Bytes), all.Count(one => one.Kind != "Socket")),
        ];

        void On(string name, Action<JsonElement> handle) => network.Event(name).OnEvent += (_, data) => handle(data!.Value);
    }

    // Binary frames come in Base64.
    private static long FrameLength(JsonElement e)
    {
        var frame = e.GetProperty("response");
        var text = frame.GetProperty("payloadData").GetString()!;
        return frame.GetProperty("opcode").GetDouble() == 2 ? Convert.FromBase64String(text).Length : text.Length;
    }
}
