using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Data;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>
/// A database whose names follow the earlier rules (NFC, upper case) is converted by the first start on it (docs/spec.md 2.7), on both databases.
/// </summary>
public sealed class NamesAtStartTests(PostgresCluster postgres)
{
    private static readonly PasswordHasher<PortalUser> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 1000 }));
    private static int _made;

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    // Red without the conversion: nobody is found by "ｚoe" any more, because typing it means "zoe".
    [Theory, MemberData(nameof(Both))]
    public async Task The_older_account_keeps_the_name_the_newer_gets_a_number_and_everybody_concerned_is_told_once(DatabaseKind kind)
    {
        var (zoe, twin, third) = (Old("zoe"), Old("ｚoe"), Old("𝐳oe"));
        var (strauss, german) = (Old("strauß"), Old("STRAUSS"));
        var (admin, gone, locked) = (Old("root", administrator: true), Old("gone", administrator: true), Old("also.root", administrator: true));
        (gone.State, locked.State) = (AccountState.Inactive, AccountState.Locked);
        var settings = await OldDatabaseAsync(
            kind, zoe, Old("zoe-2"), twin, third, strauss, german, admin, gone, locked, Old("Ünal"), Old("ﬁnk"), Old("山田"));

        await using (var portal = await PortalHost.StartAsync(settings))
        {
            var names = await NamesAsync(portal);
            Assert.Equal(
                ["zoe", "ｚoe-3", "𝐳oe-4", "zoe-2"],
                names.Where(u => u.NormalizedUserName!.StartsWith("ZOE", StringComparison.Ordinal))
                    .OrderBy(u => u.CreatedAt).Select(u => u.UserName!));
            Assert.Equal(
                ("strauß", "STRAUSS"),
                (names.Single(u => u.Id == strauss.Id).UserName, names.Single(u => u.Id == strauss.Id).NormalizedUserName));
            Assert.Equal("STRAUSS-2", names.Single(u => u.Id == german.Id).UserName);
            Assert.All(
                names,
                u => Assert.Equal(
                    (AccountName.Normalize(u.UserName!), AccountName.Normalize(u.Email!), PortalUser.NormalizedNameOf(u.Name)),
                    (u.NormalizedUserName, u.NormalizedEmail, u.NormalizedName)));

            Assert.Equal(zoe.Id, await WhoAsync(portal, "ＺＯＥ", "zoe"));
            Assert.Equal(twin.Id, await WhoAsync(portal, "ｚoe-3", "ｚoe"));
            Assert.Equal(twin.Id, await WhoAsync(portal, "zoe-3", "ｚoe"));
            Assert.Null(await WhoAsync(portal, "ｚoe", "ｚoe"));
            Assert.Equal(names.Single(u => u.UserName == "ﬁnk").Id, await WhoAsync(portal, "FINK", "ﬁnk"));

            Assert.Equal(3, await EventsAsync(portal, nameof(AuditEvent.UserChanged)));
            Assert.Equal(3, await EventsAsync(portal, nameof(AuditEvent.TwinFound)));
            // To both people, and to the two administrators who are not inactive.
            Assert.Equal(3 * 4, await MailsAsync(portal));
            Assert.Equal(2, (await RecipientsAsync(portal)).Count(address => address == zoe.Email));
            var mail = await new Mailbox(portal.PickupFolder).WaitForAsync(twin.Email, "username-changed");
            Assert.Equal("Your username is now ｚoe-3", mail.Subject);
            Assert.Contains("which is older and keeps it", mail.TextBody, StringComparison.Ordinal);
            var told = await new Mailbox(portal.PickupFolder).WaitForAsync(admin.Email, "username-changed", count: 3);
            Assert.Contains(PortalUrls.Users, told.TextBody, StringComparison.Ordinal);
            Assert.Empty(new Mailbox(portal.PickupFolder).Of(gone.Email));
        }

        await using var again = await PortalHost.StartAsync(settings);
        Assert.Equal((3, 12), (await EventsAsync(again, nameof(AuditEvent.TwinFound)), await MailsAsync(again)));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_two_addresses_that_mean_one_the_older_account_signs_in_by_it_and_mail_goes_on_to_both(DatabaseKind kind)
    {
        var (ann, other) = (Old("ann", email: "ann@example.test"), Old("other.ann", email: "ａnn@example.test"));
        var root = Old("root", administrator: true);
        var settings = await OldDatabaseAsync(kind, ann, other, root);

        await using var portal = await PortalHost.StartAsync(settings);

        Assert.Equal(ann.Id, await WhoAsync(portal, "ａnn@example.test", "ann"));
        Assert.Null(await WhoAsync(portal, "ａnn@example.test", "other.ann"));
        Assert.Equal(other.Id, await WhoAsync(portal, "other.ann", "other.ann"));
        Assert.Equal(
            (1, 1, 3),
            (await EventsAsync(portal, nameof(AuditEvent.AddressNoLongerSignsIn)),
                await EventsAsync(portal, nameof(AuditEvent.TwinFound)),
                await MailsAsync(portal)));
        Assert.Contains("ａnn@example.test", await RecipientsAsync(portal));

        // Everything else of the account can still be edited, and it can get an address that signs in.
        await using var seat = await Seat.TakeAsync(portal, new(root.Id, "root", root.Email!, "", null));
        var details = seat.Service<UserDetails>();
        var record = (await details.ReadAsync(other.Id))!;
        Assert.IsType<DetailsOutcome.Saved>(await details.SaveAsync(other.Id, record.Version, UserEdit.Of(record) with { Name = "Other Ann" }));
        Assert.Equal(ann.Id, await WhoAsync(portal, "ann@example.test", "ann"));
        record = (await details.ReadAsync(other.Id))!;
        Assert.IsType<DetailsOutcome.Saved>(
            await details.SaveAsync(other.Id, record.Version, UserEdit.Of(record) with { Email = "a.other@example.test" }));
        Assert.Equal(other.Id, await WhoAsync(portal, "a.other@example.test", "other.ann"));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_carry_it_over_once()
    {
        Needs.Postgres();
        var maker = new StartingNode(new PortalSettings().ToConfiguration(Reaper.NewFolder("data"), null));
        await maker.OpenAsync();
        var settings = (await OldDatabaseAsync(DatabaseKind.Postgres, Old("zoe"), Old("ｚoe"), Old("root", administrator: true)))
            .With("KeyRing:CertificatePath", maker.Certificate);

        var nodes = await TestAccounts.AtOnceAsync(
            Enumerable.Range(0, 2).Select(_ => (Func<Task<PortalHost>>)(() => PortalHost.StartAsync(settings with { DataFolder = null }))));

        Assert.Equal(["root", "zoe", "ｚoe-2"], (await NamesAsync(nodes[0])).Select(u => u.UserName!).Order(StringComparer.Ordinal));
        Assert.Equal((1, 3), (await EventsAsync(nodes[1], nameof(AuditEvent.TwinFound)), await MailsAsync(nodes[1])));
        foreach (var node in nodes) await node.DisposeAsync();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_start_that_breaks_off_is_told_in_one_line_leaves_nothing_half_and_the_next_one_does_it(DatabaseKind kind)
    {
        var settings = await OldDatabaseAsync(kind, Old("zoe"), Old("ｚoe"), Old("root", administrator: true));
        var node = new StartingNode(settings.ToConfiguration(settings.DataFolder!, null));
        await SqlAsync(kind == DatabaseKind.Sqlite
            ? """CREATE TRIGGER "Broken" BEFORE INSERT ON "Outbox" BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"""
            : """ALTER TABLE "Outbox" ADD CONSTRAINT "Broken" CHECK ("TemplateKey" = '') NOT VALID""");

        await using (var services = await ServicesAsync(node, settings))
        {
            var why = await Assert.ThrowsAsync<StartRefusedException>(() => services.GetRequiredService<NamesAtStart>().CarryOverAsync());
            Assert.Contains("nothing was changed", why.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', why.Message);
        }
        await using (var context = node.Database.CreateContext())
        {
            Assert.Equal(
                ["ROOT", "ZOE", "ｚOE".ToUpperInvariant()],
                (await context.Users.Select(u => u.NormalizedUserName!).ToListAsync()).Order(StringComparer.Ordinal));
            Assert.Equal(0, await context.Set<AuditEntry>().CountAsync());
        }
        await SqlAsync(kind == DatabaseKind.Sqlite ? "DROP TRIGGER \"Broken\"" : """ALTER TABLE "Outbox" DROP CONSTRAINT "Broken" """);

        await using var portal = await PortalHost.StartAsync(settings);
        Assert.Equal(["root", "zoe", "ｚoe-2"], (await NamesAsync(portal)).Select(u => u.UserName!).Order(StringComparer.Ordinal));
        Assert.Equal((1, 3), (await EventsAsync(portal, nameof(AuditEvent.TwinFound)), await MailsAsync(portal)));

        async Task SqlAsync(string sql)
        {
            await using var context = node.Database.CreateContext();
            await context.Database.ExecuteSqlRawAsync(sql);
        }
    }

    [Fact]
    public async Task A_name_at_its_longest_is_shortened_for_its_number()
    {
        var longest = new string('a', AccountName.UsernameLength);
        var settings = await OldDatabaseAsync(
            DatabaseKind.Sqlite, Old(longest), Old("ａ" + longest[1..]), Old("ﷺ" + new string('ﷺ', 60)), Old("root", administrator: true));

        await using var portal = await PortalHost.StartAsync(settings);

        Assert.Equal(
            "ａ" + longest[3..] + "-2",
            (await NamesAsync(portal)).Single(u => u.UserName!.EndsWith("-2", StringComparison.Ordinal)).UserName);
    }

    /// <summary>A row as the previous release wrote it; each is a day newer than the one before.</summary>
    private static PortalUser Old(string username, bool administrator = false, string? email = null)
    {
        static string Normalized(string typed) => typed.Trim().Normalize().ToUpperInvariant();
        var created = DateTimeOffset.Parse("2020-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture)
            .AddDays(Interlocked.Increment(ref _made));
        email ??= $"user{_made}@example.test";
        return new()
        {
            Id = Guid.CreateVersion7(created),
            UserName = username,
            NormalizedUserName = Normalized(username),
            Name = $"{username} Straße",
            NormalizedName = Normalized($"{username} Straße"),
            Email = email,
            NormalizedEmail = Normalized(email),
            PasswordHash = Hasher.HashPassword(new(), PasswordOf(username)),
            SecurityStamp = SecretToken.Generate(),
            ConcurrencyStamp = Guid.NewGuid().ToString(),
            IsSystemAdministrator = administrator,
            CreatedAt = created,
            PasswordChangedAt = created,
            LockoutEnabled = true,
            EmailConfirmed = true,
        };
    }

    private static string PasswordOf(string username) => $"The pass phrase of {username}";

    /// <summary>
    /// Today's schema as an update leaves it before its first start: the rows are old, and it is not yet noted which rules their names follow.
    /// </summary>
    private async Task<PortalSettings> OldDatabaseAsync(DatabaseKind kind, params PortalUser[] users)
    {
        var settings = (await postgres.NewAsync(kind)) with
        {
            DataFolder = Reaper.NewFolder("data"),
            Administrator = null,
            PublicUrl = "http://localhost"
        };
        var node = new StartingNode(settings.ToConfiguration(settings.DataFolder!, null));
        await using var context = node.Database.CreateContext();
        await context.Database.MigrateAsync();
        context.AddRange(users);
        await context.SaveChangesAsync();
        await context.Set<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.SetUpAt, users[0].CreatedAt));
        Assert.Equal(0, (await context.Set<GeneralSettings>().SingleAsync()).NameRules);
        return settings;
    }

    /// <summary>The services that a start has when it converts the names.</summary>
    private static async Task<ServiceProvider> ServicesAsync(StartingNode node, PortalSettings settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToConfiguration(node.Folder, null)!).Build();
        var folder = new DataFolder(configuration, node.Folder);
        var services = new ServiceCollection().AddLogging();
        services.Configure<IdentityOptions>(PortalDbContext.UseSchema);
        services.AddSingleton<IConfiguration>(configuration).AddSingleton(folder).AddSingleton(TimeProvider.System)
            .AddSingleton<UnitsOfWork>().AddSingleton<Encryption>().AddSingleton<StartLock>().AddSingleton<NamesAtStart>();
        services.AddMail(configuration);
        node.Database.Register(services);
        KeyRing.Protect(services.AddDataProtection(), await KeyRing.OpenAsync(node.Database, configuration, folder));
        return services.BuildServiceProvider();
    }

    private static async Task<List<PortalUser>> NamesAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<PortalUser>().ToListAsync();
    }

    private static Task<int> EventsAsync(PortalHost portal, string kind) =>
        portal.CountAsync<AuditEntry>(events => events.Where(e => e.Kind == kind && e.ActorName == "Portal"));

    private static Task<int> MailsAsync(PortalHost portal) =>
        portal.CountAsync<OutboxEntry>(mails => mails.Where(m => m.TemplateKey == "username-changed"));

    private static async Task<List<string>> RecipientsAsync(PortalHost portal)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return await work.Query<OutboxEntry>().Select(m => m.RecipientAddress).ToListAsync();
    }

    /// <summary>
    /// Returns who is signed in by this name and the password of the account that once had the username <paramref name="once"/>; null for nobody.
    /// </summary>
    private static async Task<Guid?> WhoAsync(PortalHost portal, string typed, string once)
    {
        await using var visitor = CircuitVisitor.At(portal);
        if (await visitor.PasswordAsync(typed, PasswordOf(once)) is not SignInOutcome.Proved) return null;
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        return (await work.Users.FindTypedAsync(typed))!.Id;
    }
}
