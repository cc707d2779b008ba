using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.LostDevice;

/// <summary>
/// Who gets a lost-device link, and how often, on both databases (docs/spec.md 3.2; cases A13, which accounts exist, and A14, flood, of
/// docs/threats.md).
/// </summary>
public sealed class LostDeviceRequestTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// A request writes one row of the same shape for every name. Red when the worker does not check whether the person is enrolled.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task Only_who_is_enrolled_and_active_gets_a_link_and_a_locked_person_gets_that_news_instead(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);
        await portal.AddPersonAsync("unenrolled");
        await portal.AddPersonAsync("gone", enrolled: true, state: AccountState.Inactive);
        var locked = await portal.AddPersonAsync("locked", enrolled: true, state: AccountState.Locked);
        await portal.AddPersonAsync("shut", state: AccountState.Locked);

        string[] names = [" ADA ", "unenrolled", "gone", "locked", "shut", "nobody", "nobody@example.test", new string('x', 5000), "zero\0"];
        foreach (var name in names) Assert.True(await portal.AskAsync(name));
        await portal.AnsweredAsync();

        Assert.Equal(names.Length, await portal.CountAsync<MailedLinkRequest>());
        Assert.Equal(ada.Email, Assert.Single(await portal.RowsAsync<OutboxEntry>(), m => m.TemplateKey == LostDeviceFixture.Mail).RecipientAddress);
        Assert.Equal(
            locked.Email,
            Assert.Single(await portal.RowsAsync<OutboxEntry>(), m => m.TemplateKey != LostDeviceFixture.Mail).RecipientAddress);
        Assert.Single(await portal.MailsAsync("account-locked"));
        Assert.Single(await portal.RowsAsync<MailedLink>());
    }

    /// <summary>Red when a newer link leaves the older ones open.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task An_account_gets_three_mails_an_hour_whatever_name_and_network_ask_and_nobody_sees_a_difference(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database);
        var ada = await portal.AddPersonAsync(enrolled: true);

        for (var n = 0; n < 6; n++) Assert.True(await portal.AskAsync(n % 2 == 0 ? ada.Username : ada.Email, $"192.0.2.{n}"));
        await portal.AnsweredAsync();
        Assert.Equal(3, (await portal.MailsAsync(LostDeviceFixture.Mail, ada.Email)).Count);
        Assert.Single(await portal.LinksAsync(ada), link => link.ConsumedAt is null);

        portal.Advance(TimeSpan.FromHours(1));
        Assert.True(await portal.AskAsync(ada.Username));
        await portal.AnsweredAsync();
        Assert.Equal(4, (await portal.MailsAsync(LostDeviceFixture.Mail, ada.Email)).Count);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_network_asks_as_often_as_its_limit_allows_for_a_lost_device_and_a_forgotten_password_together(DatabaseKind database)
    {
        await using var portal = await LostDeviceFixture.StartAsync(postgres, database, settings => settings.With("Limits:MailedLinks", "4"));
        var ada = await portal.AddPersonAsync(enrolled: true);

        for (var n = 0; n < 3; n++) Assert.True(await portal.AskAsync($"nobody{n}", $"2001:db8::{n}"));
        Assert.True(
            await portal.Services.GetRequiredService<MailedLinkRequests>()
                .AddAsync(MailedLinkKind.ForgottenPassword, "nobody", new Caller.Nobody { Address = "2001:db8::7" }));
        Assert.False(await portal.AskAsync("nobody", "2001:db8::9"));
        Assert.False(await portal.AskAsync(ada.Username, "2001:db8::9"));
        Assert.True(await portal.AskAsync(ada.Username, "2001:db8:0:1::9"));
        portal.Advance(TimeSpan.FromHours(1));
        Assert.True(await portal.AskAsync(ada.Username, "2001:db8::9"));
    }
}
