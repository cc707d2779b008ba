using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Rescue;

/// <summary>
/// Whatever keeps the published portal or a command from working is reported in one line on standard error, with exit status 1 and without a stack
/// trace (docs/spec.md 8.4).
/// </summary>
public sealed class OneLineTests(PostgresCluster postgres)
{
    [Fact]
    public async Task A_port_that_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}");
        await ExpectAsync(new PortalSettings().With("ASPNETCORE_URLS", address), [], "ASPNETCORE_URLS");
    }

    [Fact]
    public async Task An_address_that_is_none_and_an_https_address_without_a_certificate()
    {
        await ExpectAsync(new PortalSettings().With("ASPNETCORE_URLS", "htp://localhost:99999"), [], "ASPNETCORE_URLS");
        var https = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{FreePort.Next()}");
        await ExpectAsync(new PortalSettings().With("ASPNETCORE_URLS", https), [], "Kestrel:Certificates:Default:Path");
    }

    [Fact]
    public async Task A_certificate_of_the_server_that_is_missing_or_cannot_be_read()
    {
        var garbage = Path.Combine(Reaper.NewFolder("certificate"), "server.pfx");
        await File.WriteAllTextAsync(garbage, "no certificate");
        foreach (var path in new[] { garbage, garbage + ".missing" })
            await ExpectAsync(
                new PortalSettings().With("ASPNETCORE_URLS", string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{FreePort.Next()}"))
                    .With("Kestrel:Certificates:Default:Path", path),
                [], "Kestrel:Certificates");
    }

    /// <summary>Red when the portal starts with such a value and nobody can sign in.</summary>
    [Theory]
    [InlineData("Limits:SignInFailures", "many")]
    [InlineData("Limits:MailedLinks", "0")]
    [InlineData("Mail:Smtp:Port", "smtp")]
    public async Task A_value_of_the_wrong_kind_is_named_by_its_own_setting(string setting, string value)
    {
        var line = await ExpectAsync(new PortalSettings().With("Mail:Smtp:Host", "127.0.0.1").With(setting, value), [], setting);
        Assert.DoesNotContain("ASPNETCORE_URLS", line, StringComparison.Ordinal);
    }

    /// <summary>Red when the server's warnings are held back together with its errors until the portal listens.</summary>
    [Fact]
    public async Task Addresses_that_are_configured_twice_are_warned_of()
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}");
        await using var portal = new PortalProcess(new PortalSettings().With("Kestrel:Endpoints:Http:Url", address));
        await portal.StartUnwatchedAsync();
        await portal.Output.WaitForAsync(new("(Overriding address)"));
    }

    [Fact]
    public async Task A_database_that_is_away_for_the_portal_and_for_every_command()
    {
        var away = PortalSettings.OnPostgres($"Host=127.0.0.1;Port={FreePort.Next()};Database=portal;Username=portal;Password=topsecret");
        foreach (var command in new string[][] { [], ["users"], ["unlock", "ada"], ["create-admin", "ada", "ada@example.test"] })
            Assert.DoesNotContain("topsecret", await ExpectAsync(away, command, "ConnectionStrings:Portal"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_on_a_database_that_the_portal_has_not_made_yet()
    {
        Needs.Postgres();
        foreach (var settings in new[] { new PortalSettings(), PortalSettings.OnPostgres(await postgres.CreateDatabaseAsync()) })
            await ExpectAsync(settings, ["users"], "create-admin");
    }

    [Fact]
    public async Task The_log_is_JSON_with_the_time_and_the_first_administrator_is_made_on_an_empty_database()
    {
        var settings = new PortalSettings { Administrator = null };
        await using var portal = new PortalProcess(settings);
        var made = await portal.RunCommandAsync(["create-admin", "root", "root@example.test"], "A long enough pass phrase\n");
        Assert.True(made.ExitCode == 0, made.Errors);
        await portal.StartAgainAsync();
        using var client = portal.CreateClient();
        using var refused = await client.PostAsync(PortalUrls.Session, null);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        await Eventually.TrueAsync(
            () => portal.Output.Lines.Any(line => line.Contains("\"Refusal\":\"Antiforgery\"", StringComparison.Ordinal)),
            "the refusal's line");
        foreach (var line in portal.Output.Lines.Where(line => line.Length > 0))
        {
            using var entry = JsonDocument.Parse(line);
            Assert.EndsWith("Z", entry.RootElement.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
        }
    }

    /// <summary>Red when the log is JSON at a terminal too, or lines for people where a collector reads.</summary>
    [Fact]
    public async Task At_a_terminal_the_log_has_lines_for_people_and_a_command_answers_with_its_own_line_only()
    {
        await using var portal = new PortalProcess(new PortalSettings { Administrator = null });
        Assert.Equal("", (await portal.RunCommandAsync(["create-admin", "root", "root@example.test"], "A long enough pass phrase\n")).Errors);

        var shown = await portal.RunAtTerminalAsync(TimeSpan.FromSeconds(15));

        Assert.Contains("Now listening on", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Timestamp\"", shown, StringComparison.Ordinal);
        var users = await portal.RunCommandAsync(["users"]);
        Assert.Equal("root\troot@example.test\tActive\tnot enrolled\tsystem administrator", users.Output.Trim());
    }

    private static async Task<string> ExpectAsync(PortalSettings settings, string[] command, string setting)
    {
        await using var portal = new PortalProcess(settings);
        ToolResult ended;
        if (command.Length > 0) ended = await portal.RunCommandAsync(command, "A long enough pass phrase\n");
        else
        {
            await portal.StartUnwatchedAsync();
            var status = await portal.WaitForExitAsync();
            ended = new(status, "", portal.Output.ToString());
        }
        Assert.True(ended.ExitCode == 1, $"status {ended.ExitCode}: {ended.Output}{ended.Errors}");
        Assert.Empty(ended.Output.Trim());
        // Workers that had already started log that they stop; those lines belong to the log.
        var said = ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToLookup(line => line.StartsWith('{'));
        Assert.DoesNotContain(said[true], entry => entry.Contains("\"Exception\"", StringComparison.Ordinal));
        var line = Assert.Single(said[false]);
        Assert.Contains(setting, line, StringComparison.Ordinal);
        return line;
    }
}
