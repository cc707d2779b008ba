using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Tests.Mail;

public sealed class OutboxTests
{
    [Fact]
    public async Task A_message_is_rolled_back_with_the_change_that_it_reports()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using (var work = await database.Units.BeginAsync())
        {
            work.Queue(Test(database));
            await work.FlushAsync();
        }
        Assert.Empty(await database.ReadAsync<OutboxEntry>());
    }

    [Fact]
    public async Task A_queued_message_holds_its_values_encrypted()
    {
        await using var database = await TestDatabase.CreateAsync();
        var elena = await database.AddUserAsync("e.rossi", name: "Elena Rossi");

        await database.WriteAsync(work => work.Queue(new MailDraft.LostDeviceLink(elena, "SECRET-TOKEN", work.Now, null)));

        var entry = Assert.Single(await database.ReadAsync<OutboxEntry>());
        Assert.Equal(("lost-device-link", "e.rossi@northwind.test", OutboxState.Waiting), (entry.TemplateKey, entry.RecipientAddress, entry.State));
        Assert.DoesNotContain("SECRET", Encoding.UTF8.GetString(entry.ProtectedPayload), StringComparison.Ordinal);
        await using var read = await database.Units.ReadAsync();
        Assert.Equal("/lost-device/confirm#SECRET-TOKEN", read.Values(entry)["link"]);
    }

    [Fact]
    public async Task Every_administrator_who_is_not_inactive_gets_a_message_of_their_own()
    {
        await using var database = await TestDatabase.CreateAsync();
        var actor = await database.AddUserAsync("actor", administrator: true);
        await database.AddUserAsync("locked", administrator: true, state: AccountState.Locked);
        await database.AddUserAsync("inactive", administrator: true, state: AccountState.Inactive);
        await database.AddUserAsync("nobody");

        await using (var work = await database.Units.BeginAsync())
        {
            await work.QueueToAdministratorsAsync(
                to => new MailDraft.MfaDisabledToAdministrator(to, actor, MfaDisabledBy.User, new Caller.Console(), work.Now));
            await work.CommitAsync();
        }

        Assert.Equal(
            ["actor@northwind.test", "locked@northwind.test"],
            (await database.ReadAsync<OutboxEntry>()).Select(e => e.RecipientAddress).Order());
    }

    internal static MailDraft Test(TestDatabase database, string name = "Ann") =>
        new MailDraft.Test(new($"{name.ToLowerInvariant()}@northwind.test", name), database.Time.GetUtcNow());
}
