using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Home;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Home;

/// <summary>The home page as people and screen readers find it, with the real services and a real database.</summary>
public sealed class HomePageTests : IAsyncLifetime
{
    private readonly BunitContext _context = new();
    private PortalHost _portal = null!;

    public async ValueTask InitializeAsync() => _portal = await PortalHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task A_user_sees_the_next_useful_step_and_the_own_sign_ins_and_no_figure_of_others()
    {
        await _portal.SetSecurityAsync();
        var bob = await _portal.AddPersonAsync("bob");
        await using (var work = await _portal.BeginAsync())
        {
            work.Record(new AuditEvent.SignedIn(bob.Id, "password"), new Caller.Nobody { Address = "192.0.2.7" });
            await work.CommitAsync();
        }
        await using var circuit = await _portal.SignedInAsync(bob);

        var page = Render(circuit);

        Assert.Equal(["Only your password protects your account", "Your last sign-ins"], Regions(page));
        Assert.Equal("Set up MFA", page.Find($"a[href='{PortalUrls.AccountSetupMfa}']").TextContent);
        Assert.Contains("from 192.0.2.7", page.Find(".rows li").TextContent, StringComparison.Ordinal);
        Assert.Equal("Not you?", page.Find($"a[href='{PortalUrls.Account}#sessions']").TextContent);
        Assert.Empty(page.FindAll("[role=img]"));
    }

    [Fact]
    public async Task An_administrator_sees_every_figure_and_each_leads_to_its_list()
    {
        await using var circuit = await _portal.SignedInAsync(await _portal.AddPersonAsync("ann", administrator: true));

        var page = Render(circuit);

        Assert.Equal(
            [
                "Users with MFA", "Sign-ins of the last 14 days", "Locked after failed attempts", "Locked by an administrator", "Failed mails",
                "Newest security events", "Your last sign-ins",
            ],
            Regions(page).Skip(2));
        string[] lists =
        [
            $"{PortalUrls.Users}?status=lockedfailedattempts", $"{PortalUrls.Users}?status=locked", $"{PortalUrls.Outbox}?state=failed",
            PortalUrls.AuditTrail,
        ];
        Assert.All(lists, list => Assert.NotEmpty(page.FindAll($"a[href='{list}']")));
    }

    [Fact]
    public async Task The_first_steps_say_what_is_done_and_each_leads_to_where_it_is_done()
    {
        await using var circuit = await _portal.SignedInAsync(await _portal.AddPersonAsync("ann", administrator: true));

        var steps = Render(circuit).FindAll("section[aria-labelledby=first-steps] li");

        Assert.Equal(
            [
                ("Turn MFA on", $"{PortalUrls.AdditionalSettings}#security", "To do"),
                ("Set up your own", PortalUrls.AccountSetupMfa, "To do"),
                ("Connect mail", $"{PortalUrls.AdditionalSettings}#mail", "To do"),
                ("Invite people", PortalUrls.NewUser, "Done"),
            ],
            steps.Select(step => (
                step.QuerySelector("a")!.TextContent, step.QuerySelector("a")!.GetAttribute("href")!, step.QuerySelector(".status")!.TextContent)));
    }

    [Fact]
    public void The_bars_have_a_name_with_their_sum_and_a_table_with_each_day()
    {
        SetUp();
        var today = new DateOnly(2026, 10, 12);
        var days = Enumerable.Range(0, 14).Select(i => new SignInDay(today.AddDays(i - 13), 10 * i, i)).ToList();

        var chart = _context.Render<SignInsChart>(p => p.Add(c => c.Days, days));

        Assert.Equal("Last 14 days: 910 sign-ins, 91 refused", chart.Find("[role=img]").GetAttribute("aria-label"));
        var rows = chart.FindAll("table tbody tr");
        Assert.Equal(14, rows.Count);
        // The newest day first, with the list of that very day in UTC, as it is counted.
        Assert.Equal(["130", "13"], rows[0].QuerySelectorAll("td").Select(cell => cell.TextContent));
        var list = rows[0].QuerySelector("th a")!.GetAttribute("href")!;
        foreach (var part in new[] { "from=2026-10-12", "to=2026-10-12", "zone=UTC" })
            Assert.Contains(part, list, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["Day", "Signed in", "Refused"], chart.FindAll("thead th").Select(head => head.TextContent));
    }

    [Fact]
    public void The_line_has_a_name_that_says_from_where_to_where_and_a_table_without_the_gap()
    {
        SetUp();

        var chart = Rollout(new(new(2026, 10, 1), 2, 38), new(new(2026, 10, 2), 5, 35), new(new(2026, 10, 9), 11, 30));

        var name = chart.Find("[role=img]").GetAttribute("aria-label")!;
        Assert.Contains("Users with MFA: 2 on ", name, StringComparison.Ordinal);
        Assert.Contains(", 11 on ", name, StringComparison.Ordinal);
        Assert.Equal(3, chart.FindAll("table tbody tr").Count);
        Assert.Equal("11 with MFA", chart.Find($"a[href='{PortalUrls.Users}?mfa=yes']").TextContent);
        Assert.Equal("30 without MFA", chart.Find($"a[href='{PortalUrls.Users}?mfa=no']").TextContent);
    }

    /// <summary>One point is no line, and no count is no zero.</summary>
    [Fact]
    public void Before_there_is_a_line_the_card_says_when_there_will_be_one()
    {
        SetUp();

        Assert.Contains("Look again in a minute", Rollout().Markup, StringComparison.Ordinal);
        var one = Rollout(new RolloutDay(new(2026, 10, 1), 2, 38));
        Assert.Contains("of 40 users", one.Markup, StringComparison.Ordinal);
        Assert.Contains("From tomorrow on", one.Markup, StringComparison.Ordinal);
        Assert.Empty(one.FindAll("[role=img]"));
    }

    private IRenderedComponent<RolloutChart> Rollout(params RolloutDay[] days) =>
        _context.Render<RolloutChart>(p => p.Add(c => c.Days, days).Add(c => c.MfaSwitchedOn, true));

    private IRenderedComponent<HomePage> Render(AsyncServiceScope circuit)
    {
        _context.Services.AddSingleton(circuit.ServiceProvider.GetRequiredService<OwnSecurity>());
        _context.Services.AddSingleton(circuit.ServiceProvider.GetRequiredService<HomeFigures>());
        _context.Services.AddSingleton(circuit.ServiceProvider.GetRequiredService<FirstSteps>());
        SetUp();
        var page = _context.Render<HomePage>();
        page.WaitForElement("#last-sign-ins", TimeSpan.FromSeconds(10));
        page.WaitForState(() => page.FindAll(".skeleton").Count == 0, TimeSpan.FromSeconds(10));
        return page;
    }

    private void SetUp()
    {
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        _context.Services.AddMudServices();
        _context.Services.AddSingleton<TimeProvider>(_portal.Clock);
        _context.Services.AddScoped<ReaderCulture>();
        _context.Services.AddScoped<BrowserTime>();
        _context.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    /// <summary>The names of the cards, by what names them for a screen reader.</summary>
    private static IEnumerable<string> Regions(IRenderedComponent<HomePage> page) =>
        page.FindAll("section").Select(section => page.Find($"#{section.GetAttribute("aria-labelledby")}").TextContent);
}
