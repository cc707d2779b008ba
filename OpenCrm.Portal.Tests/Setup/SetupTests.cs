using System.Net;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Setup;

/// <summary>The first start of a portal (docs/spec.md 8.1).</summary>
public sealed class SetupTests
{
    private static readonly string[] Pages = ["/", "/login", "/account", "/settings/configuration/additional-settings"];

    [Fact]
    public async Task Before_set_up_every_page_leads_there_and_afterwards_it_is_gone()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { Administrator = null });
        using var client = portal.CreateClient();
        foreach (var page in Pages)
        {
            using var answer = await client.GetAsync(page);
            Assert.Equal((HttpStatusCode.Redirect, "/setup"), (answer.StatusCode, answer.Headers.Location?.ToString()));
        }
        using (var setup = await client.GetAsync("/setup")) Assert.Equal(HttpStatusCode.OK, setup.StatusCode);

        var made = await portal.RunCommandAsync(["create-admin", "ann", "ann@northwind.test"], "seven tired otters hum\n");
        Assert.Equal(0, made.ExitCode);

        using (var setup = await client.GetAsync("/setup")) Assert.Equal(HttpStatusCode.NotFound, setup.StatusCode);
        using var home = await client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, home.StatusCode);
    }

    [Fact]
    public async Task Whoever_comes_by_an_unknown_name_reads_what_to_configure_and_gets_no_form()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { Administrator = null });
        using var client = portal.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/setup");
        request.Headers.Host = "portal.northwind.test";
        using var answer = await client.SendAsync(request);
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Contains("Portal:PublicUrl", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Set-up code", html, StringComparison.Ordinal);
    }

    /// <summary>
    /// Red when the whole authority is compared: behind a proxy that drops the port, or adds the default one, nobody can set the portal up.
    /// </summary>
    [Theory]
    [InlineData("https://portal.northwind.test", "portal.northwind.test")]
    [InlineData("https://portal.northwind.test", "Portal.Northwind.test:443")]
    [InlineData("https://portal.northwind.test:8443", "portal.northwind.test")]
    [InlineData("https://portal.münchen.test", "portal.xn--mnchen-3ya.test")]
    public async Task Whoever_comes_by_the_configured_name_gets_the_form_whatever_port_a_proxy_left(string configured, string host)
    {
        await using var portal = await PortalHost.StartAsync(new PortalSettings { Administrator = null, PublicUrl = configured });
        using var client = portal.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, PortalUrls.Setup) { Headers = { Host = host } };
        using var answer = await client.SendAsync(request);
        Assert.Contains("Set-up code", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_code_is_a_new_one_at_each_start_and_stands_in_no_log_file()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { Administrator = null });
        var first = await portal.SetupCodeAsync();
        await portal.StopAsync();
        await portal.StartAgainAsync();
        await Eventually.TrueAsync(async () => await portal.SetupCodeAsync() != first, "the second code is another one");
    }

    /// <summary>Red when only the console has the code: a service's console is the journal, which not everybody who installs it may read.</summary>
    [Fact]
    public async Task The_code_stands_in_a_file_of_the_owner_s_alone_until_set_up_is_done()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { Administrator = null });
        using var client = portal.CreateClient();
        var file = Path.Combine(portal.DataFolder, "set-up-code");
        var first = await portal.SetupCodeAsync();
        Assert.Equal(first, (await File.ReadAllTextAsync(file)).Trim());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            // A file that somebody opened in between is made anew, with the rights of a new one.
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        }

        await portal.StopAsync();
        await portal.StartAgainAsync();
        await Eventually.TrueAsync(async () => await portal.SetupCodeAsync() != first, "the second code is another one");
        Assert.Equal(await portal.SetupCodeAsync(), (await File.ReadAllTextAsync(file)).Trim());
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        var made = await portal.RunCommandAsync(["create-admin", "ann", "ann@northwind.test"], "seven tired otters hum\n");
        Assert.Equal(0, made.ExitCode);
        using (await client.GetAsync("/")) Assert.False(File.Exists(file), "The file outlives set-up");
    }

    [Fact]
    public async Task The_configured_administrator_is_made_once_and_no_code_is_printed()
    {
        await using var portal = await PortalProcess.StartAsync(new PortalSettings { FromNothing = true });
        using var client = portal.CreateClient();
        using var setup = await client.GetAsync("/setup");
        Assert.Equal(HttpStatusCode.NotFound, setup.StatusCode);
        var users = await portal.RunCommandAsync(["users"]);
        Assert.Contains(PortalSettings.FirstAdministrator.Username, users.Output, StringComparison.Ordinal);
    }
}
