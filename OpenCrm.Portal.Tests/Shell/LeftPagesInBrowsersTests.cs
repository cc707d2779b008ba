using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>
/// Pages that are left while the portal still waits for an answer of the browser. <see cref="NoServerFaultsAttribute"/> fails these tests if that
/// ends a circuit with an error.
/// </summary>
[Collection(Alone.Name)]
public sealed class LeftPagesInBrowsersTests(Browser browser)
{
    /// <summary>Script after which the browser does what the portal asks, but its answers never arrive, as when a laptop is closed.</summary>
    private const string AnswerNoMore =
        """
        () => {
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (data) {
                if (!new TextDecoder().decode(data).includes('EndInvokeJSFromDotNet')) send.call(this, data);
            };
        }
        """;

    [Theory]
    [InlineData(PortalUrls.AdditionalSettings, null)]
    [InlineData(PortalUrls.AdditionalSettings, "typed")]
    [InlineData(PortalUrls.Users, null)]
    [InlineData(PortalUrls.Account, "Change password")]
    [InlineData(PortalUrls.AccountSetupMfa, null)]
    [InlineData(PortalUrls.EmailTemplates + "/test", "typed")]
    public async Task A_page_that_is_left_without_an_answer_ends_no_circuit(string address, string? first)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        await portal.SetSecurityAsync();
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        var tab = await browser.SignedInAsync(portal, ann, PortalUrls.Home);
        var page = tab.Page;
        await tab.GotoAsync(address);
        await page.Locator("main h1:not(.hidden), main [role=dialog] h2, main section h2").First.WaitForAsync();
        if (first == "typed") await page.Locator("main textarea:visible, main form .input:visible").First.FillAsync("typed and not saved");
        else if (first is not null)
        {
            await tab.PressAsync(first);
            await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        }
        await page.EvaluateAsync(AnswerNoMore);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();

        // To another page of the circuit, then away from the portal.
        await page.EvaluateAsync("() => document.querySelector('a[href=\"/\"]').click()");
        if (first == "typed") await page.GetByRole(AriaRole.Dialog).Locator("[type=submit]").ClickAsync();
        await page.Locator("h1").Filter(new() { HasText = "Home" }).WaitForAsync();
        await page.GotoAsync("about:blank");

        await Eventually.TrueAsync(() => portal.Services.GetRequiredService<CircuitRegistry>().Sessions.Count == 0, "the circuit is gone");
    }

    [Theory]
    [InlineData("/login")]
    [InlineData(PortalUrls.AdditionalSettings)]
    [InlineData(PortalUrls.Outbox)]
    public async Task A_page_that_is_loaded_again_and_again_before_it_is_ready_ends_no_circuit(string address)
    {
        // A page that goes before the browser knows its circuit cannot end it; the portal keeps that one for as long as a lost connection.
        await using var portal = await PortalHost.StartAsync(
            listens: true,
            replace: services =>
                services.Configure<CircuitOptions>(circuits => circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(1)));
        var ann = await portal.AddPersonAsync("ann", administrator: true);
        var tab = await browser.SignedInAsync(portal, ann, PortalUrls.Home);
        for (var n = 0; n < 6; n++)
        {
            await tab.Page.GotoAsync(address, new() { WaitUntil = WaitUntilState.Commit });
            // As soon as there is a circuit at all.
            await tab.Page.WaitForFunctionAsync("() => !!window.Blazor");
        }
        await tab.GotoAsync(address);
        await tab.Page.GotoAsync("about:blank");
        await Eventually.TrueAsync(() => portal.Services.GetRequiredService<CircuitRegistry>().Sessions.Count == 0, "the circuits are gone");
    }
}
