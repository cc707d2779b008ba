using System.Globalization;
using Npgsql;
using QRCoder;

namespace OpenCrm.Portal.Tests.Support;

public sealed class SupportTests(PostgresCluster postgres, Browser browser)
{
    [Fact]
    public async Task Each_database_of_the_cluster_is_new_and_empty()
    {
        Needs.Postgres();
        var first = await postgres.CreateDatabaseAsync();
        var second = await postgres.CreateDatabaseAsync();

        await RunAsync(first, "CREATE TABLE only_here (id int)");

        Assert.Equal(1L, await RunAsync(first, "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"));
        Assert.Equal(0L, await RunAsync(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"));
    }

    [Fact]
    public async Task A_crashed_cluster_starts_again_with_its_data()
    {
        Needs.Postgres();
        await using var own = new PostgresCluster();
        var database = await own.CreateDatabaseAsync();
        await RunAsync(database, "CREATE TABLE kept (id int)");

        await own.CrashAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => RunAsync(database, "SELECT 1"));
        await own.StartAgainAsync();

        Assert.Equal(1L, await RunAsync(database, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'"));
    }

    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(20000000000, "65353130")]
    public async Task Oathtool_gives_the_codes_of_RFC_6238(long unixTime, string code)
    {
        const string secretOfTheRfc = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        Assert.Equal(code, await Oathtool.CodeAsync(secretOfTheRfc, DateTimeOffset.FromUnixTimeSeconds(unixTime), digits: 8));
    }

    [Fact]
    public async Task A_wrong_code_is_wrong_for_a_step_on_either_side()
    {
        const string secret = "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP";
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var wrong = await Oathtool.WrongCodeAsync(secret, now);

        Assert.Equal(6, wrong.Length);
        foreach (var step in new[] { -1, 0, 1 })
            Assert.NotEqual(wrong, await Oathtool.CodeAsync(secret, now + step * Oathtool.Step));
    }

    [Fact]
    public async Task The_QR_reader_takes_an_otpauth_address_apart()
    {
        const string address = "otpauth://totp/Open%20CRM:%C3%9Cnal?secret=JBSWY3DPEHPK3PXP&issuer=Open%20CRM&algorithm=SHA1&digits=6&period=30";
        using var code = QRCodeGenerator.GenerateQrCode(address, QRCodeGenerator.ECCLevel.M);
        using var picture = new PngByteQRCode(code);

        var read = await QrReader.AddressAsync(picture.GetGraphic(5));

        Assert.Equal("Open CRM", read.Issuer);
        Assert.Equal("Open CRM", read.LabelIssuer);
        Assert.Equal("Ünal", read.Account);
        Assert.Equal("JBSWY3DPEHPK3PXP", read.Secret);
        Assert.Equal(("SHA1", "6", "30"), (read.Algorithm, read.Digits, read.Period));
    }

    [Fact]
    public void A_mailbox_finds_mails_by_recipient_and_template()
    {
        var folder = Reaper.NewFolder("mail");
        Write("20260101T000000001-B", "eve@example.test", "account-locked", "Nothing to press.");
        Write("20260101T000000000-A", "Ada@example.test", "lost-device-link", "Open http://localhost:5000/lost-device/confirm#abc-_1.\nBye.");
        var mailbox = new Mailbox(folder);

        Assert.Equal(["lost-device-link", "account-locked"], mailbox.All().Select(Mailbox.Template));
        var mail = Assert.Single(mailbox.Of("ada@example.test"));
        Assert.Equal("#abc-_1", Mailbox.Link(mail).Fragment);
        Assert.Empty(mailbox.Of("ada@example.test", "account-locked"));

        void Write(string name, string to, string template, string body) =>
            File.WriteAllText(
                Path.Combine(folder, name + ".eml"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"From: portal@example.test\r\nTo: {to}\r\nSubject: x\r\n"
                    + $"X-Portal-Template: {template}\r\nContent-Type: text/plain\r\n\r\n{body}\r\n"));
    }

    [Fact]
    public async Task A_cut_cable_closes_an_open_socket_and_a_restored_one_carries_again()
    {
        await using var site = await SmallSite.StartAsync();
        await using var cable = new CuttableProxy(site.Port);
        var tab = await browser.NewPageAsync(cable.Address);
        await tab.GotoAsync("/");
        tab.Circuit.AssertOneSocketOneLoad();

        cable.Cut();
        await tab.WaitForLostCircuitAsync();
        Assert.Equal(0, tab.Circuit.OpenSockets);
        cable.Restore();
        await tab.WaitForCircuitAsync();

        Assert.True(tab.Circuit.Sockets.Count > 1);
        Assert.Equal(1, tab.Circuit.OpenSockets);
        Assert.Single(tab.Circuit.Loads);
    }

    [Fact]
    public async Task The_circuit_watcher_sees_a_second_load_but_no_change_of_address_inside_the_page()
    {
        await using var site = await SmallSite.StartAsync();
        var tab = await browser.NewPageAsync(site.Address);
        await tab.GotoAsync("/");

        await tab.Page.EvaluateAsync("history.pushState(null, '', '/elsewhere')");
        tab.Circuit.AssertOneSocketOneLoad();
        await tab.Page.ReloadAsync();

        Assert.Equal(2, tab.Circuit.Loads.Count);
    }

    [Fact]
    public async Task A_violation_of_the_policy_and_a_console_error_do_not_go_unseen()
    {
        await using var site = await SmallSite.StartAsync();
        var tab = await browser.NewPageAsync(site.Address);
        await tab.GotoAsync("/");
        tab.Problems.AssertNone();

        await tab.Page.EvaluateAsync("document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }))");
        await Eventually.TrueAsync(() => tab.Problems.PolicyViolations.Count > 0, "the violation is seen");
        await tab.Page.EvaluateAsync("console.error('boom')");

        await Eventually.TrueAsync(() => tab.Problems.Errors.Any(e => e.StartsWith("boom", StringComparison.Ordinal)), "the error is seen");
    }

    private static async Task<object?> RunAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
