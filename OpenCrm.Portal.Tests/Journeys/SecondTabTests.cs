using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Journeys;

/// <summary>A tab that was opened signed in, by a session that began in another one (docs/spec.md 5.3).</summary>
public sealed class SecondTabTests(Browser browser)
{
    /// <summary>Well above the second that it may take, and well below the 30 after which the framework looks by itself.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hears_at_once_that_its_session_ended_whoever_it_is(bool administrator)
    {
        await using var portal = await PortalHost.StartAsync(listens: true);
        var bob = await portal.AddPersonAsync("bob", administrator: administrator);
        var tab = await browser.SignedInAsync(portal, bob, PortalUrls.Home);
        var second = await tab.NewTabAsync();
        await second.GotoAsync(PortalUrls.Home);
        await new Visitor(second).AccountMenu.WaitForAsync();
        await second.WaitForCircuitAsync();

        await tab.Page.EvaluateAsync("() => window.portal.postSession('/session/end', null)");

        await second.Page.GetByLabel("Username or email").WaitForAsync(new() { Timeout = (float)Soon.TotalMilliseconds });
    }
}
