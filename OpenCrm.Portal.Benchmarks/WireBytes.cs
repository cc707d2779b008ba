using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>
/// Counts the bytes that cross the network until the page is interactive: headers, compressed bodies and the socket's compressed frames.
/// </summary>
internal static class WireBytes
{
    /// <param name="page">A page of a browser that reaches the server over <paramref name="wire"/>.</param>
    /// <param name="wire">Counts everything; what no answer to a request explains is the socket's.</param>
    /// <param name="address">What is opened.</param>
    public static async Task<IReadOnlyList<(string Kind, long Bytes)>> OfFirstLoadAsync(IPage page, WireTap wire, Uri address)
    {
        var kinds = new ConcurrentDictionary<string, string>();
        var loaded = new ConcurrentQueue<(string Kind, long Bytes)>();
        var network = await page.Context.NewCDPSessionAsync(page);
        On("Network.responseReceived", e => kinds[e.GetProperty("requestId").GetString()!] = e.GetProperty("type").GetString()!);
        On("Network.loadingFinished", e => loaded.Enqueue(
            (kinds.GetValueOrDefault(e.GetProperty("requestId").GetString()!, "Other"), (long)e.GetProperty("encodedDataLength").GetDouble())));
        await network.SendAsync("Network.enable");
        var before = wire.Received;

        await page.GotoAsync(address.ToString());
        await page.Locator("html[data-circuit=up]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        var (all, answers) = (wire.Received - before, loaded.ToArray());
        return
        [
            .. from one in answers
               group one by one.Kind into kind
               orderby kind.Sum(one => one.Bytes) descending
               select (kind.Key, kind.Sum(one => one.Bytes)),
            ("Socket", all - answers.Sum(one => one.Bytes)),
            ("all", all),
        ];

        void On(string name, Action<JsonElement> handle) => network.Event(name).OnEvent += (_, data) => handle(data!.Value);
    }
}
