using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users.Import;
using static OpenCrm.Portal.Tests.Users.Import.UserImportFixture;

namespace OpenCrm.Portal.Tests.Users.Import;

/// <summary>Importing people from CSV: what the dry run says, who may do it, and what is written, on both databases.</summary>
public sealed class UserImportsTests(PostgresCluster cluster)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task The_dry_run_says_of_each_row_what_it_would_do_and_writes_nobody(DatabaseKind database)
    {
        await using var portal = await StartAsync(cluster, database);
        await using var ann = await AnnAsync(portal);
        await portal.AddPersonAsync("bob");
        await portal.AddPersonAsync("eve");
        await portal.AddPersonAsync("boss", administrator: true);
        var users = await portal.CountAsync<PortalUser>();

        var part = await CheckedAsync(ann, Headings + string.Join('\n',
            "new.one,New One,new@example.test",
            "BOB,Bob Ray,bob@example.test",
            "eve,eve,eve@example.test",
            "boss,Big Boss,boss@example.test",
            "other,Other,EVE@example.test",
            "new.ONE,Twice,twice@example.test",
            ",Nobody,nobody@example.test",
            "with space,,no address",
            "раypal,Mixed,mixed@example.test",
            "long,\"=HYPERLINK(\"\"x\"\")\",formula@example.test"));

        Assert.Equal(
            [
                (ImportVerdict.New, ImportFaults.None), (ImportVerdict.Changed, ImportFaults.None), (ImportVerdict.Unchanged, ImportFaults.None),
                (ImportVerdict.Wrong, ImportFaults.Administrator), (ImportVerdict.Wrong, ImportFaults.EmailTaken | ImportFaults.EmailTwice),
                (ImportVerdict.Wrong, ImportFaults.UsernameTwice), (ImportVerdict.Wrong, ImportFaults.UsernameMissing),
                (ImportVerdict.Wrong, ImportFaults.UsernameInvalid | ImportFaults.NameInvalid | ImportFaults.EmailInvalid),
                (ImportVerdict.Wrong, ImportFaults.UsernameMixed), (ImportVerdict.New, ImportFaults.None),
            ],
            part.Rows.Select(row => (row.Verdict, row.Faults)));
        Assert.Equal((2, 1, 1, 6), (part.Import!.New, part.Import.Changed, part.Import.Unchanged, part.Import.Wrong));
        Assert.Equal(("bob", "bob@example.test"), (part.Rows[1].OldName, part.Rows[1].OldEmail));
        Assert.Equal([5, 6, 7], (await Imports(ann).ReadAsync(new() { Show = ImportFilter.Wrong })).Rows.Take(3).Select(row => row.Line));
        Assert.Equal((users, 0), (await portal.CountAsync<PortalUser>(), await portal.CountAsync<OutboxEntry>()));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Import_creates_and_changes_people_and_invites_them_gently_in_the_same_commit(DatabaseKind database)
    {
        await using var portal = await StartAsync(cluster, database);
        await portal.SetSecurityAsync(mfa: false);
        await using var ann = await AnnAsync(portal);
        var bob = await portal.AddPersonAsync("bob");

        await StartedAsync(ann, People(250) + "bob,Bob Ray,bob.ray@example.test\nwrong one,Wrong,wrong\n");
        var done = await EndedAsync(portal);

        Assert.Equal((250, 1, 0), (done.PeopleCreated, done.PeopleChanged, done.NotImported));
        await using var work = await portal.BeginAsync();
        var made = await work.Query<PortalUser>().Where(u => u.UserName!.StartsWith("person")).ToListAsync();
        Assert.Equal(250, made.Count);
        Assert.All(made, person => Assert.True(person is
        { IsSystemAdministrator: false, PasswordHash: null, PasswordChangedAt: null, State: AccountState.Active, TwoFactorEnabled: false }));
        Assert.True(await portal.UserAsync(bob) is { UserName: "bob", Name: "Bob Ray", Email: "bob.ray@example.test", NormalizedName: "BOB RAY" });
        Assert.Equal(
            (250, 250, 2, 1),
            (await portal.EventsAsync<AuditEvent.UserCreated>(), await portal.EventsAsync<AuditEvent.PasswordLinkMade>(),
                await portal.EventsAsync<AuditEvent.UserChanged>(bob), await portal.EventsAsync<AuditEvent.UsersImported>()));
        // The notice of a changed address goes out at once, invitations one after the other; each link is good for a week from its mail.
        var changed = await work.Query<OutboxEntry>().SingleAsync(e => e.TemplateKey == "email-changed");
        Assert.Equal(("bob@example.test", portal.Now), (changed.RecipientAddress, changed.NextAttemptAt));
        var due = await work.Query<OutboxEntry>().Where(e => e.TemplateKey == "invitation").Select(e => e.NextAttemptAt).ToListAsync();
        Assert.Equal(Enumerable.Range(0, 250).Select(i => portal.Now + i * ImportWorker.InvitationGap), due.Order());
        var links = await work.Query<MailedLink>().Select(l => l.ExpiresAt).ToListAsync();
        Assert.Equal(due.Select(at => at + TimeSpan.FromDays(7)).Order(), links.Order());
    }

    [Fact]
    public async Task An_invitation_arrives_and_its_link_sets_the_password()
    {
        await using var portal = await StartAsync(cluster, DatabaseKind.Sqlite);
        await using var ann = await AnnAsync(portal);
        await StartedAsync(ann, People(2));
        await EndedAsync(portal);

        var mailbox = new Mailbox(portal.PickupFolder);
        var first = await mailbox.WaitForAsync("person1@example.test", "invitation");
        Assert.Empty(mailbox.Of("person2@example.test"));
        var outcome = await portal.Services.GetRequiredService<PasswordLinks>().SetPasswordAsync(
            MailedLinkKind.Invitation, Mailbox.Link(first).Fragment[1..], TestAccounts.Password, new Caller.Nobody());
        Assert.IsType<NewPasswordOutcome.Done>(outcome);
        portal.Advance(ImportWorker.InvitationGap);
        await mailbox.WaitForAsync("person2@example.test", "invitation");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Import_asks_for_a_fresh_proof_and_for_the_right_and_nobody_sees_the_file_of_another(DatabaseKind database)
    {
        await using var portal = await StartAsync(cluster, database);
        await using var ann = await AnnAsync(portal);
        await using var other = await Seat.TakeAsync(portal, await portal.AddPersonAsync("other", administrator: true));
        await using var bob = await Seat.TakeAsync(portal, await portal.AddPersonAsync("bob"));
        var import = (await CheckedAsync(ann, People(3))).Import!;

        Assert.Null((await Imports(other).ReadAsync(new())).Import);
        Assert.IsType<StartOutcome.NothingToDo>(await Imports(other).StartAsync(import.Id));
        Assert.False(await Imports(other).DiscardAsync(import.Id));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Imports(bob).ReadAsync(new()));
        await Assert.ThrowsAsync<AccessRefusedException>(() => CheckAsync(bob, People(1)));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Imports(bob).StartAsync(import.Id));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Imports(bob).StopAsync(import.Id));
        await Assert.ThrowsAsync<AccessRefusedException>(() => Imports(bob).DiscardAsync(import.Id));
        portal.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<StartOutcome.StepUpNeeded>(await Imports(ann).StartAsync(import.Id));
        Assert.Equal((0, 0), (await portal.EventsAsync<AuditEvent.UserCreated>(), await portal.CountAsync<OutboxEntry>()));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_changed_since_the_dry_run_is_judged_again_and_not_overwritten(DatabaseKind database)
    {
        await using var portal = await StartAsync(cluster, database, works: false);
        await using var ann = await AnnAsync(portal);
        var (bob, eve) = (await portal.AddPersonAsync("bob"), await portal.AddPersonAsync("eve"));
        await portal.AddPersonAsync("zoe");
        await StartedAsync(ann, Headings + string.Join('\n',
            "bob,Bob Ray,bob@example.test", "eve,Eve,eve@example.test", "zoe,Zoe,zoe@example.test", "person1,Person 1,person1@example.test",
            "person2,Person 2,person2@example.test"));
        await using (var work = await portal.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == bob.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.Name, "Robert"));
            await work.Query<PortalUser>().Where(u => u.Id == eve.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, true));
            await work.Query<PortalUser>().Where(u => u.UserName == "zoe").ExecuteUpdateAsync(set => set.SetProperty(u => u.Name, "Zoe"));
            NewUsers.Add(work, "person1", "Somebody else", "else@example.test", null, systemAdministrator: false);
            await work.CommitAsync();
        }

        await RunAsync(Worker(portal));

        var part = await Imports(ann).ReadAsync(new());
        Assert.Equal(
            [
                (ImportResult.NotImported, ImportFaults.ChangedMeanwhile), (ImportResult.NotImported, ImportFaults.Administrator),
                (ImportResult.SoAlready, ImportFaults.None), (ImportResult.NotImported, ImportFaults.ChangedMeanwhile),
                (ImportResult.Created, ImportFaults.None),
            ],
            part.Rows.Select(row => (row.Result, row.Faults)));
        Assert.Equal("Robert", (await portal.UserAsync(bob)).Name);
        Assert.True(await portal.UserAsync(eve) is { Name: "eve", IsSystemAdministrator: true });
        Assert.Equal((ImportState.Done, 1, 3, 1),
            (part.Import!.State, part.Import.PeopleCreated, part.Import.NotImported, part.Import.SoAlready));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_import_goes_on_after_a_stop_and_after_its_node_ended_and_creates_nobody_twice(DatabaseKind database)
    {
        await using var portal = await StartAsync(cluster, database, works: false);
        await using var ann = await AnnAsync(portal);
        var import = await StartedAsync(ann, People(450));
        Assert.IsType<ReadOutcome.OneIsRunning>(await CheckAsync(ann, People(1)));
        Assert.False(await Imports(ann).DiscardAsync(import.Id));

        Assert.True(await Worker(portal).AdvanceAsync(CancellationToken.None));
        Assert.Equal((200, 450), ((await Imports(ann).ReadAsync(new())).Import!.Processed, import.ToImport));
        Assert.True(await Imports(ann).StopAsync(import.Id));
        Assert.False(await Worker(portal).AdvanceAsync(CancellationToken.None));
        Assert.IsType<StartOutcome.Started>(await Imports(ann).StartAsync(import.Id));
        // Another worker knows nothing but the database.
        await RunAsync(Worker(portal));

        var done = (await Imports(ann).ReadAsync(new())).Import!;
        Assert.Equal((ImportState.Done, 450, 0), (done.State, done.PeopleCreated, done.NotImported));
        Assert.Equal(
            (450, 450, 2),
            (await portal.EventsAsync<AuditEvent.UserCreated>(), await portal.CountAsync<OutboxEntry>(),
                await portal.EventsAsync<AuditEvent.UsersImported>()));
    }

    [Fact]
    public async Task Two_nodes_import_each_row_once()
    {
        await using var nodes = await TwoNodes.StartAsync(cluster);
        await using var ann = await AnnAsync(nodes.A);
        await StartedAsync(ann, People(1_000));
        nodes.Advance(TimeSpan.FromSeconds(3));
        var done = await EndedAsync(nodes.B);

        Assert.Equal((1_000, 0, 1_000), (done.PeopleCreated, done.NotImported, await nodes.B.EventsAsync<AuditEvent.UserCreated>()));
        Assert.Equal(1_000, await nodes.B.CountAsync<OutboxEntry>(mails => mails.Where(e => e.TemplateKey == "invitation")));
        Assert.Equal(1, await nodes.B.EventsAsync<AuditEvent.UsersImported>());
    }

    [Fact]
    public async Task An_import_stops_when_whoever_started_it_is_no_administrator_any_more()
    {
        await using var portal = await StartAsync(cluster, DatabaseKind.Sqlite, works: false);
        await using var ann = await AnnAsync(portal);
        await StartedAsync(ann, People(300));
        await Worker(portal).AdvanceAsync(CancellationToken.None);
        await portal.DemoteAsync("ann");

        await RunAsync(Worker(portal));

        var stopped = await EndedAsync(portal, ImportState.WithoutRight);
        Assert.Equal((200, 200), (stopped.PeopleCreated, await portal.EventsAsync<AuditEvent.UserCreated>()));
    }

    /// <summary>Red when a batch fails as a whole: 199 people would wait for one row for good.</summary>
    [Fact]
    public async Task A_row_that_the_database_refuses_is_put_aside_and_the_others_are_imported()
    {
        await using var portal = await StartAsync(cluster, DatabaseKind.Sqlite, works: false);
        await using var ann = await AnnAsync(portal);
        await using (var work = await portal.BeginAsync())
        {
            await work.ExecuteAsync(
                $"CREATE TRIGGER refuse BEFORE INSERT ON Users WHEN NEW.UserName = 'person7' BEGIN SELECT RAISE(ABORT, 'no'); END");
            await work.CommitAsync();
        }
        await StartedAsync(ann, People(20));

        await RunAsync(Worker(portal));

        var part = await Imports(ann).ReadAsync(new() { Show = ImportFilter.NotImported });
        Assert.Equal((19, 1), (part.Import!.PeopleCreated, part.Import.NotImported));
        Assert.Equal([("person7", ImportFaults.NotWritten)], part.Rows.Select(row => (row.Username, row.Faults)));
    }

    [Fact]
    public async Task A_file_beyond_the_limits_is_refused_and_leaves_nothing_and_an_old_one_is_deleted()
    {
        await using var portal = await StartAsync(cluster, DatabaseKind.Sqlite);
        await using var ann = await AnnAsync(portal);
        Task<int> RowsAsync() => portal.CountAsync<UserImportRow>();
        async Task<FileFault> RefusedAsync(string text) => Assert.IsType<ReadOutcome.Refused>(await CheckAsync(ann, text)).Fault;

        Assert.IsType<FileFault.NoRows>(await RefusedAsync(Headings));
        Assert.IsType<FileFault.TooLarge>(await RefusedAsync(Headings + new string('x', ImportFile.MostBytes)));
        Assert.IsType<FileFault.TooManyRows>(
            await RefusedAsync(Headings + string.Concat(Enumerable.Range(1, ImportFile.MostRows + 1).Select(i => $"u{i},,\n"))));
        Assert.Equal((0, 0), (await portal.CountAsync<UserImport>(), await RowsAsync()));

        await CheckedAsync(ann, People(3));
        await CheckedAsync(ann, People(2));
        Assert.Equal((1, 2), (await portal.CountAsync<UserImport>(), await RowsAsync()));
        portal.Advance(ImportWorker.Kept);
        await Eventually.TrueAsync(async () => await RowsAsync() == 0, "no row of an old import");
    }

    private static async Task<Seat> AnnAsync(PortalHost portal) =>
        await Seat.TakeAsync(portal, await portal.AddPersonAsync("ann", administrator: true));

    private static async Task RunAsync(ImportWorker worker)
    {
        while (await worker.AdvanceAsync(CancellationToken.None)) { }
    }
}
