using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>Logo and accent color of the block General: who may save them, what is stored, and how the logo is served (docs/spec.md 4.2).</summary>
public sealed class BrandingTests(PostgresCluster postgres)
{
    private const string Green = "#1b6e3c";

    [Theory]
    [MemberData(nameof(DatabaseKinds.Both), MemberType = typeof(DatabaseKinds))]
    public async Task Both_are_saved_audited_and_shown_to_people_who_are_not_signed_in(DatabaseKind database)
    {
        await using var portal = await PortalHost.StartAsync(await postgres.NewAsync(database));
        await using var ann = await SeatAsync(portal);
        using var client = portal.CreateClient();
        var plain = await client.GetStringAsync("/login");
        Assert.DoesNotContain("/branding", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"brand\"", plain, StringComparison.Ordinal);

        var logo = await DrawnAsync(ann, LogoFiles.Wide);
        Assert.IsType<SettingsOutcome.Saved>(await SaveAsync(ann, 0, logo, colour: "#1B6E3C"));

        var stored = await StoredAsync(portal);
        Assert.Equal((Green, logo.Hash, 1), (stored.AccentColour, stored.LogoHash, stored.Version));
        var page = await client.GetStringAsync("/login");
        Assert.Contains($"src=\"{PortalUrls.Logo(logo.Hash)}\"", page, StringComparison.Ordinal);
        Assert.Contains($"--mud-palette-primary:{Green}", page, StringComparison.Ordinal);
        await using var work = await portal.BeginAsync();
        var events = await work.Query<AuditEntry>().OrderBy(e => e.Id).ToListAsync();
        Assert.Equal("{}", Assert.Single(events, e => e.Kind == nameof(AuditEvent.LogoChanged)).Details);
        Assert.Contains($$"""{"Block":"General","Setting":"AccentColour","Old":"","New":"{{Green}}"}""", events.Select(e => e.Details));
    }

    [Fact]
    public async Task The_logo_is_served_for_ever_under_its_own_address_and_no_other()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        var (first, second) = (await DrawnAsync(ann, LogoFiles.Wide), await DrawnAsync(ann, LogoFiles.TalkativeJpeg));
        await SaveAsync(ann, 0, first);
        using var client = portal.CreateClient();

        using (var answer = await client.GetAsync(PortalUrls.Logo(first.Hash)))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("image/png", answer.Content.Headers.ContentType!.ToString());
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl!.ToString());
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            Assert.Equal(first.Bytes, await answer.Content.ReadAsByteArrayAsync());
        }
        await SaveAsync(ann, 1, second);
        foreach (var gone in new[] { first.Hash, first.Hash[..20], "", "..%2f..%2fportal.db", new string('0', 64) })
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(PortalUrls.Logo(gone))).StatusCode);
        using (var answer = await client.SendAsync(new(HttpMethod.Head, PortalUrls.Logo(second.Hash))))
        {
            Assert.Equal("image/jpeg", answer.Content.Headers.ContentType!.ToString());
            Assert.Equal(second.Bytes.Length, answer.Content.Headers.ContentLength);
        }
        Assert.Equal(1, await portal.CountAsync<LogoPicture>());
    }

    [Fact]
    public async Task Removing_takes_the_picture_away_and_an_empty_color_is_the_portals_own()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        await SaveAsync(ann, 0, await DrawnAsync(ann, LogoFiles.Square), Green);

        Assert.IsType<SettingsOutcome.Saved>(
            await ann.Service<AdditionalSettings>().SaveAsync(new GeneralEdit(1, Colour(""), RemoveLogo: true)));

        var stored = await StoredAsync(portal);
        Assert.Equal((null, null), (stored.AccentColour, stored.LogoHash));
        Assert.Equal(0, await portal.CountAsync<LogoPicture>());
        Assert.Equal(1, await portal.EventsAsync<AuditEvent.LogoRemoved>());
        using var client = portal.CreateClient();
        Assert.DoesNotContain("id=\"brand\"", await client.GetStringAsync("/login"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#777777", "This color is too light: white text on it has a contrast of 4.4:1, and needs 4.5:1 to be read. Choose a darker one.")]
    [InlineData("#ffffff", "This color is too light: white text on it has a contrast of 1.0:1, and needs 4.5:1 to be read. Choose a darker one.")]
    [InlineData("green", "Enter a color as # and six digits or letters from A to F, such as #2f4bc7.")]
    [InlineData("#fff;}body{display:none}", "Enter a color as # and six digits or letters from A to F, such as #2f4bc7.")]
    public async Task A_color_that_cannot_be_read_on_white_is_refused_with_the_ratio(string typed, string words)
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new CultureInfo("en-GB");
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);

        var outcome = await SaveAsync(ann, 0, null, typed);

        Assert.Equal([nameof(GeneralSettings.AccentColour)], Assert.IsType<SettingsOutcome.Invalid>(outcome).Fields);
        var setting = SettingsLists.General.Settings.Single(setting => setting.Name == nameof(GeneralSettings.AccentColour));
        Assert.Equal(words, setting.Refusal(typed));
        Assert.Equal(0, (await StoredAsync(portal)).Version);
    }

    [Fact]
    public async Task Only_a_system_administrator_with_a_fresh_proof_gets_a_file_read_or_a_logo_stored()
    {
        await using var portal = await PortalHost.StartAsync();
        await using var ann = await SeatAsync(portal);
        await using var bob = await Seat.TakeAsync(portal, await portal.AddPersonAsync("bob"));
        var logo = await DrawnAsync(ann, LogoFiles.Square);
        await Assert.ThrowsAsync<AccessRefusedException>(() => bob.Service<AdditionalSettings>().ReadLogoAsync(LogoFiles.Square));
        await Assert.ThrowsAsync<AccessRefusedException>(() => SaveAsync(bob, 0, logo));

        portal.Advance(Caller.StepUpAfter + TimeSpan.FromMinutes(1));

        Assert.IsType<SettingsOutcome.StepUpNeeded>(await SaveAsync(ann, 0, logo));
        Assert.Equal(0, await portal.CountAsync<LogoPicture>());
    }

    /// <summary>
    /// Red when the logo is stored although the block was saved meanwhile: the settings would name one picture, and the table hold another.
    /// </summary>
    [Fact]
    public async Task Of_two_administrators_at_once_one_logo_is_stored_and_the_other_one_is_told()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        var person = await nodes.A.AddPersonAsync("ann", administrator: true);
        await using var ann = await Seat.TakeAsync(nodes.A, person);
        await using var other = await Seat.TakeAsync(nodes.B, await nodes.B.AddPersonAsync("grace", administrator: true));
        for (var round = 0; round < 5; round++)
        {
            var version = (await StoredAsync(nodes.A)).Version;
            var shapes = round % 2 == 0 ? (LogoFiles.Wide, LogoFiles.Square) : (LogoFiles.Tall, LogoFiles.Pale);
            var (mine, theirs) = (await DrawnAsync(ann, shapes.Item1), await DrawnAsync(other, shapes.Item2));

            var outcomes = await TestAccounts.AtOnceAsync<SettingsOutcome>(
                [() => SaveAsync(ann, version, mine), () => SaveAsync(other, version, theirs)]);

            Assert.Single(outcomes.OfType<SettingsOutcome.Saved>());
            Assert.Single(outcomes.OfType<SettingsOutcome.SavedMeanwhile>());
            var stored = await StoredAsync(nodes.B);
            await using var work = await nodes.B.BeginAsync();
            Assert.Equal(stored.LogoHash, (await work.Query<LogoPicture>().SingleAsync()).Hash);
        }
        // The other node shows it without a restart.
        using var client = nodes.B.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(PortalUrls.Logo((await StoredAsync(nodes.A)).LogoHash!))).StatusCode);
    }

    private static async Task<Seat> SeatAsync(PortalHost portal) =>
        await Seat.TakeAsync(portal, await portal.AddPersonAsync("ann", administrator: true));

    private static async Task<LogoPicture> DrawnAsync(Seat seat, byte[] file) =>
        Assert.IsType<LogoFileOutcome.Read>(await seat.Service<AdditionalSettings>().ReadLogoAsync(file)).Logo;

    private static Task<SettingsOutcome> SaveAsync(Seat seat, int version, LogoPicture? logo, string? colour = null) =>
        seat.Service<AdditionalSettings>().SaveAsync(
            new GeneralEdit(version, colour is null ? new Dictionary<string, string>() : Colour(colour), logo));

    private static Dictionary<string, string> Colour(string typed) => new() { [nameof(GeneralSettings.AccentColour)] = typed };

    private static async Task<GeneralSettings> StoredAsync(PortalHost portal)
    {
        await using var work = await portal.BeginAsync();
        return await work.ReadSettingsAsync<GeneralSettings>();
    }
}
