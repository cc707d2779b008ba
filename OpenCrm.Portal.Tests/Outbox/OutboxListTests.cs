using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Outbox;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Outbox;

/// <summary>The outbox on both databases: paging, filters, "Send again", what is deleted, and who may (docs/spec.md 7.2 and 7.3).</summary>
public sealed class OutboxListTests(PostgresCluster cluster)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Every_message_is_paged_through_once_newest_first_also_those_of_one_moment(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await using var ann = await AnnAsync(portal);
        var made = await MakeAsync(portal, 63, (entry, i) => entry.State = i % 3 == 0 ? OutboxState.Dead : OutboxState.Sent);
        var list = List(ann);

        var (query, seen) = (new OutboxQuery(), new List<Guid>());
        var pages = 0;
        for (OutboxPart part; ; query = query.OlderThan(part.Older!), pages++)
        {
            part = await list.ReadAsync(query);
            seen.AddRange(part.Rows.Select(r => r.Id));
            if (part.Older is null) break;
        }
        Assert.Equal((2, made.Count), (pages, seen.Distinct().Count()));
        var last = await list.ReadAsync(query);
        var middle = await list.ReadAsync(query.NewerThan(last.Newer!));
        Assert.Equal(seen[25..50], middle.Rows.Select(r => r.Id));
        var newest = await list.ReadAsync(query.NewerThan(middle.Newer!));
        Assert.Equal(seen[..25], newest.Rows.Select(r => r.Id));
        Assert.Null(newest.Newer);
        Assert.Equal(newest.Rows.Select(r => r.CreatedAt).OrderDescending(), newest.Rows.Select(r => r.CreatedAt));
        Assert.Equal(query, OutboxQuery.Parse(query.ToQueryString()));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Filters_and_search_leave_what_they_name_and_the_counts_agree(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await using var ann = await AnnAsync(portal);
        await MakeAsync(
            portal, 30,
            (entry, i) => (entry.State, entry.Subject) = (i % 3 == 0 ? OutboxState.Dead : OutboxState.Sent, i == 7 ? "Lucky Seven" : null));
        var list = List(ann);

        var counts = await list.CountAsync(new());
        Assert.Equal(
            (30, 10, 20, 0),
            (counts.All.Value, counts.States[MailState.Failed].Value, counts.States[MailState.Sent].Value, counts.States[MailState.Waiting].Value));
        Assert.Equal(10, (await list.ReadAsync(new() { State = MailState.Failed })).Rows.Count(r => r.State == OutboxState.Dead));
        Assert.Equal("Lucky Seven", Assert.Single((await list.ReadAsync(new() { Search = "lucky s" })).Rows).Subject);
        Assert.Equal("person012@example.test", Assert.Single((await list.ReadAsync(new() { Search = "PERSON012@" })).Rows).Address);
        Assert.Empty((await list.ReadAsync(new() { Search = "%" })).Rows);
    }

    /// <summary>Red when the statement and the expression of the index differ by a character: PostgreSQL then reads the whole outbox.</summary>
    [Fact]
    public async Task On_PostgreSQL_a_search_has_an_index()
    {
        await using var portal = await StartAsync(DatabaseKind.Postgres);
        await using var work = await portal.BeginAsync();
        // Nothing but the index of the search is left to the planner; of a few rows it would otherwise read all.
        await work.ExecuteAsync($"SET LOCAL enable_seqscan = off");
        await work.ExecuteAsync($"SET LOCAL enable_indexscan = off");
        await using var command = OutboxList.Filtered(work, new() { Search = "northwind" })
            .OrderByDescending(e => e.CreatedAt).ThenByDescending(e => e.Id).Take(OutboxList.PageSize + 1).CreateDbCommand();
        command.CommandText = "EXPLAIN " + command.CommandText;

        var plan = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync()) plan.Add(reader.GetString(0));

        Assert.Contains(plan, line => line.Contains("Bitmap Index Scan on \"IX_Outbox_Search\"", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_ten_who_send_a_failed_message_again_at_once_one_does_and_it_arrives_once(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await using var ann = await AnnAsync(portal);
        var dead = Assert.Single(await MakeAsync(
            portal, 1,
            (entry, _) => (entry.State, entry.LastError, entry.Attempts) = (OutboxState.Dead, "refused", 9)));

        var again = await TestAccounts.AtOnceAsync(Enumerable.Range(0, 10).Select(_ => (Func<Task<bool>>)(() => List(ann).SendAgainAsync(dead))));

        Assert.Single(again, done => done);
        // One of the ten may still hold the row. The sender then skips it, and finds it at its next look.
        var mailbox = new Mailbox(portal.PickupFolder);
        await Eventually.TrueAsync(
            () =>
            {
                if (mailbox.Of("person000@example.test", "test").Count > 0) return true;
                portal.Advance(TimeSpan.FromSeconds(1));
                return false;
            },
            "the message arrives");
        await Eventually.TrueAsync(
            async () => await portal.CountAsync<OutboxEntry>(mails => mails.Where(e => e.State == OutboxState.Sent)) == 1,
            "it is marked as sent");
        Assert.Single(new Mailbox(portal.PickupFolder).All());
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.MailSentAgain>());
        Assert.False(await List(ann).SendAgainAsync(dead));
        Assert.False(await List(ann).SendAgainAsync(Guid.NewGuid()));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_was_sent_a_month_ago_is_deleted_and_what_failed_or_waits_is_not(DatabaseKind database)
    {
        await using var portal = await StartAsync(database);
        await MakeAsync(portal, 6, (entry, i) =>
        {
            entry.State = (OutboxState)(i % 3);
            // Waiting messages must not be sent during this test.
            entry.NextAttemptAt = portal.Now.AddYears(1);
        });
        var housekeeping = portal.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Housekeeping>().Single();

        portal.Advance(TimeSpan.FromDays(29));
        await housekeeping.CleanAsync(TestContext.Current.CancellationToken);
        Assert.Equal(6, await portal.CountAsync<OutboxEntry>());
        portal.Advance(TimeSpan.FromDays(1));
        await housekeeping.CleanAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await portal.CountAsync<OutboxEntry>(mails => mails.Where(e => e.State == OutboxState.Sent)));
        Assert.Equal(4, await portal.CountAsync<OutboxEntry>());
        portal.Advance(TimeSpan.FromDays(60));
        await housekeeping.CleanAsync(TestContext.Current.CancellationToken);
        Assert.Equal(OutboxState.Waiting, (await RowsAsync(portal)).Select(e => e.State).Distinct().Single());
    }

    [Fact]
    public async Task Without_a_mail_server_the_page_names_the_folder_and_with_one_it_does_not()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await AnnAsync(portal);
        Assert.Equal(portal.PickupFolder, (await List(ann).ReadAsync(new())).PickupFolder);

        await using var mailing = await PortalHost.StartAsync(new PortalSettings().With("Mail:Smtp:Host", "127.0.0.1"));
        await using var bob = await AnnAsync(mailing);
        Assert.Null((await List(bob).ReadAsync(new())).PickupFolder);
    }

    [Fact]
    public async Task Whoever_is_no_system_administrator_is_refused_everything()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var eve = await portal.SignedInAsync(await portal.AddPersonAsync("eve"));
        var dead = Assert.Single(await MakeAsync(portal, 1, (entry, _) => (entry.State, entry.LastError) = (OutboxState.Dead, "refused")));

        await Assert.ThrowsAsync<AccessRefusedException>(() => List(eve).ReadAsync(new()));
        await Assert.ThrowsAsync<AccessRefusedException>(() => List(eve).CountAsync(new()));
        await Assert.ThrowsAsync<AccessRefusedException>(() => List(eve).SendAgainAsync(dead));
        await Assert.ThrowsAsync<AccessRefusedException>(() => List(eve).SendTestAsync());
        Assert.Equal(OutboxState.Dead, Assert.Single(await RowsAsync(portal)).State);
    }

    private static OutboxList List(AsyncServiceScope circuit) => circuit.ServiceProvider.GetRequiredService<OutboxList>();

    private async Task<PortalHost> StartAsync(DatabaseKind database) => await PortalHost.StartAsync(await cluster.NewAsync(database));

    private static async Task<AsyncServiceScope> AnnAsync(PortalHost portal) =>
        await portal.SignedInAsync(await portal.AddPersonAsync("ann", administrator: true));

    private static async Task<List<OutboxEntry>> RowsAsync(PortalHost portal)
    {
        await using var work = await portal.BeginAsync();
        return await work.Query<OutboxEntry>().ToListAsync();
    }

    /// <summary>Makes messages, three at each moment.</summary>
    private static async Task<List<Guid>> MakeAsync(PortalHost portal, int count, Action<OutboxEntry, int> change)
    {
        await using var work = await portal.BeginAsync();
        var made = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            work.Queue(new MailDraft.Test(new($"person{i:000}@example.test", $"Person {i}"), work.Now));
        }
        await work.FlushAsync();
        var index = 0;
        foreach (var entry in await work.Tracked<OutboxEntry>().OrderBy(e => e.RecipientAddress).ToListAsync())
        {
            // None of them is sent until a test wants it.
            entry.NextAttemptAt = portal.Now.AddDays(400);
            change(entry, index++);
            made.Add(entry.Id);
        }
        await work.FlushAsync();
        foreach (var (id, i) in made.Select((id, i) => (id, i)))
        {
            var at = portal.Now - TimeSpan.FromMinutes(i / 3);
            await work.Query<OutboxEntry>().Where(e => e.Id == id).ExecuteUpdateAsync(set => set.SetProperty(e => e.CreatedAt, at));
        }
        await work.CommitAsync();
        return made;
    }
}
