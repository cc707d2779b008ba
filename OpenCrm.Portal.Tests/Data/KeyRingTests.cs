using System.Net;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>All nodes share one key ring, and a node that cannot read it does not start (docs/spec.md 8.2 and 8.6).</summary>
public sealed class KeyRingTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    [Fact]
    public async Task A_session_begun_on_one_node_is_one_on_the_other_until_it_ends_on_either()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var person = await nodes.A.AddPersonAsync("zdenka");
        await using var onA = CircuitVisitor.At(nodes.A);
        var proved = Assert.IsType<SignInOutcome.Proved>(await onA.PasswordAsync(person.Username, person.Password));
        Assert.Equal(HttpStatusCode.NoContent, await onA.RedeemAsync(proved.Ticket));
        await using var onB = onA.MovedTo(nodes.B);
        await using var stranger = CircuitVisitor.At(nodes.B);

        Assert.Contains(person.Username, await onB.ReadPageAsync(PortalUrls.Home), StringComparison.Ordinal);
        Assert.DoesNotContain(person.Username, await stranger.ReadPageAsync(PortalUrls.Home), StringComparison.Ordinal);
        using (var ended = await onB.PostAsync(PortalUrls.SessionEnd)) Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.DoesNotContain(person.Username, await onA.ReadPageAsync(PortalUrls.Home), StringComparison.Ordinal);
        Assert.Equal(1, await nodes.A.CountAsync<PortalSession>(sessions => sessions.Where(s => s.EndedBy == SessionEnd.SignedOut)));
        Assert.Equal(1, await nodes.A.EventsAsync<AuditEvent.SignedOut>(person));
    }

    [Fact]
    public async Task A_code_used_on_one_node_is_refused_on_the_other_and_counts_there()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync();
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        await using var onA = CircuitVisitor.At(nodes.A);
        await using var onB = CircuitVisitor.At(nodes.B);
        var code = await Oathtool.CodeAsync(ada.Secret!, nodes.Now);
        foreach (var visitor in new[] { onA, onB }) Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync("ada", ada.Password));

        Assert.IsType<SignInOutcome.Proved>(await onA.CodeAsync(code));
        Assert.IsType<Refusal.Wrong>(Refused.For(await onB.CodeAsync(code)));

        Assert.Equal(1, await nodes.B.EventsAsync<AuditEvent.ReusedCode>(ada));
        Assert.Equal(1, (await nodes.A.UserAsync(ada)).AccessFailedCount);
    }

    [Fact]
    public async Task A_lock_holds_on_both_nodes_for_known_and_unknown_names()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.AddPersonAsync();
        foreach (var name in new[] { "ada", "nobody" })
        {
            await using var onA = CircuitVisitor.At(nodes.A);
            await using var onB = CircuitVisitor.At(nodes.B);
            for (var n = 0; n < 3; n++) await onA.PasswordAsync(name, "wrong");
            for (var n = 0; n < 2; n++) await onB.PasswordAsync(name, "wrong");

            Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), await onA.PasswordAsync(name, TestAccounts.Password));
            Assert.Equal(new SignInOutcome.Refused(new Refusal.LockedOut(null, 5)), await onB.PasswordAsync(name, TestAccounts.Password));
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_new_database_gets_a_ring_and_a_certificate_that_only_its_owner_reads(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);

        await node.OpenAsync();

        Assert.Equal(1, await node.KeysAsync());
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(node.Certificate));
        Assert.DoesNotContain(Directory.GetFiles(node.Folder), file => file.EndsWith(".new", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_next_start_keeps_ring_and_certificate(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);
        await node.OpenAsync();
        var certificate = await File.ReadAllBytesAsync(node.Certificate);

        await node.OpenAsync();

        Assert.Equal(1, await node.KeysAsync());
        Assert.Equal(certificate, await File.ReadAllBytesAsync(node.Certificate));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Without_the_certificate_the_start_is_refused_the_file_named_and_no_key_added(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);
        await node.OpenAsync();
        File.Delete(node.Certificate);

        var refused = await Assert.ThrowsAsync<StartRefusedException>(node.OpenAsync);

        Assert.Contains(node.Certificate, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.False(File.Exists(node.Certificate));
        Assert.Equal(1, await node.KeysAsync());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task With_another_certificate_the_start_is_refused_the_file_named_and_no_key_added(DatabaseKind kind)
    {
        var node = await NodeAsync(kind);
        await node.OpenAsync();
        var other = await NodeAsync(DatabaseKind.Sqlite);
        await other.OpenAsync();
        File.Copy(other.Certificate, node.Certificate, overwrite: true);

        var refused = await Assert.ThrowsAsync<StartRefusedException>(node.OpenAsync);

        Assert.Contains(node.Certificate, refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await node.KeysAsync());
    }

    [Fact]
    public async Task A_named_certificate_that_does_not_exist_is_never_made()
    {
        var node = (await NodeAsync(DatabaseKind.Sqlite)).With("KeyRing:CertificatePath", "mistyped.pfx");

        var refused = await Assert.ThrowsAsync<StartRefusedException>(node.OpenAsync);

        Assert.Contains(Path.Combine(node.Folder, "mistyped.pfx"), refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await node.KeysAsync());
        Assert.Empty(Directory.GetFiles(node.Folder, "*.pfx"));
    }

    [Fact]
    public async Task A_wrong_password_of_the_certificate_is_told()
    {
        var node = (await NodeAsync(DatabaseKind.Sqlite)).With("KeyRing:CertificatePassword", "right");
        await node.OpenAsync();

        var refused = await Assert.ThrowsAsync<StartRefusedException>(node.With("KeyRing:CertificatePassword", "wrong").OpenAsync);

        Assert.Contains("KeyRing:CertificatePassword", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", refused.Message.Replace(node.Folder, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_the_certificate_does_not_come_up()
    {
        Needs.Postgres();
        var settings = PortalSettings.OnPostgres(await postgres.CreateDatabaseAsync()) with { PublicUrl = "http://localhost" };
        await using var first = await PortalHost.StartAsync(settings);

        // A data folder of its own, to which nobody copied the certificate.
        await Assert.ThrowsAnyAsync<Exception>(() => PortalHost.StartAsync(settings));

        Assert.Equal(1, await first.CountAsync<DataProtectionKey>());
    }

    private async Task<StartingNode> NodeAsync(DatabaseKind kind) =>
        new((await postgres.NewAsync(kind)).ToConfiguration(Reaper.NewFolder("data"), null));
}

/// <summary>The first steps of a start: the database, its schema, the key ring.</summary>
internal sealed class StartingNode(IReadOnlyDictionary<string, string> settings)
{
    private readonly IConfiguration _configuration = new ConfigurationBuilder().AddInMemoryCollection(settings!).Build();

    public string Folder { get; } = settings["Portal:DataFolder"];

    public string Certificate => Path.Combine(Folder, "key-ring.pfx");

    public PortalDatabase Database => new(_configuration, new DataFolder(_configuration, Folder));

    public StartingNode With(string key, string value) => new(new Dictionary<string, string>(settings) { [key] = value });

    public Task OpenAsync() => OpenAsync(Migrates.WhenPending);

    public async Task OpenAsync(Migrates who)
    {
        using var certificate = await KeyRing.OpenAsync(Database, _configuration, new DataFolder(_configuration, Folder), who);
    }

    /// <summary>Returns the single line with which the start is refused.</summary>
    public async Task<string> FindRefusalAsync(Migrates who = Migrates.WhenPending)
    {
        var line = (await Assert.ThrowsAsync<StartRefusedException>(() => OpenAsync(who))).Message;
        Assert.DoesNotContain('\n', line);
        return line;
    }

    public async Task<int> KeysAsync()
    {
        await using var context = Database.CreateContext();
        return await context.DataProtectionKeys.CountAsync();
    }
}
