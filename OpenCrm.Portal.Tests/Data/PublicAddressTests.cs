using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>Which names the portal answers to, as every request asks, and which address is written in mails.</summary>
public sealed class PublicAddressTests
{
    private const string Old = "https://old.northwind.test", New = "https://new.northwind.test";

    /// <summary>Red when only known names are remembered: each request of a scanner costs two queries.</summary>
    [Fact]
    public async Task Known_and_foreign_names_are_answered_from_memory_for_three_seconds()
    {
        var watch = new StatementWatch();
        await using var portal = await PortalHost.StartAsync(new PortalSettings { PublicUrlFromSetup = true }, replace: watch.Watch);
        var address = portal.Services.GetRequiredService<PublicAddress>();
        await StoreAsync(portal, Old);

        Assert.Equal((Old, "SELECT"), await AskAsync("evil.test"));
        foreach (var (host, instead) in new[]
        {
            ("evil.test", Old), ("192.0.2.7:8080", Old), ("new.northwind.test", Old),
            ("old.northwind.test", null), ("OLD.northwind.test:8443", null), ("localhost", null)
        })
        {
            Assert.Equal((instead, ""), await AskAsync(host));
        }

        // Stored directly, as by another node.
        await StoreAsync(portal, Old, New);
        Assert.Equal((Old, ""), await AskAsync("new.northwind.test"));
        portal.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((null, "SELECT"), await AskAsync("new.northwind.test"));

        Task<(string?, string)> AskAsync(string host) => watch.OfAsync(() => address.FindInsteadOfAsync(new(host)));
    }

    /// <summary>
    /// Red when an answer that was remembered in the clock's future still counts: the old name stays valid until the clock has caught up.
    /// </summary>
    [Fact]
    public async Task A_clock_that_was_set_back_keeps_no_old_name()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings { PublicUrlFromSetup = true });
        var address = portal.Services.GetRequiredService<PublicAddress>();
        await StoreAsync(portal, Old);
        Assert.Null(await address.FindInsteadOfAsync(new("old.northwind.test")));
        await StoreAsync(portal, New);

        portal.Clock.AdjustTime(portal.Now - TimeSpan.FromHours(1));

        Assert.Equal(New, await address.FindInsteadOfAsync(new("old.northwind.test")));
        Assert.Null(await address.FindInsteadOfAsync(new("new.northwind.test")));
    }

    /// <summary>Red when links in mails lead to http://localhost, where nothing listens.</summary>
    [Fact]
    public async Task While_no_address_is_stored_mails_name_the_one_that_the_portal_listens_on()
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings { PublicUrlFromSetup = true }, listens: true);
        await using (var work = await portal.BeginAsync())
        {
            work.Queue(new MailDraft.Test(new("ann@example.test", "Ann"), work.Now));
            await work.CommitAsync();
        }

        var mail = await new Mailbox(portal.PickupFolder).WaitForAsync("ann@example.test", "test");

        Assert.Contains($"Sent by the portal at localhost:{portal.BaseAddress.Port}", mail.TextBody, StringComparison.Ordinal);
    }

    private static async Task StoreAsync(PortalHost portal, string inUse, string? waiting = null)
    {
        await using var work = await portal.BeginAsync();
        await work.Query<GeneralSettings>()
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.PublicUrl, inUse).SetProperty(s => s.PendingPublicUrl, waiting));
        await work.CommitAsync();
    }
}
