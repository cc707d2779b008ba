using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>Who reads what in which language (docs/spec.md 10.2).</summary>
public sealed class ReaderCultureTests
{
    [Theory]
    [InlineData(null, null, "en", "en-GB")]
    [InlineData("", null, "en", "en-GB")]
    [InlineData("en-US,en;q=0.9", null, "en", "en-US")]
    [InlineData("de-AT,de;q=0.9,en;q=0.8", null, "de", "de-AT")]
    [InlineData("de", null, "de", "de")]
    // A French browser whose owner also reads German gets German; one who reads neither gets English.
    [InlineData("fr-FR,de;q=0.7,en;q=0.3", null, "de", "de")]
    [InlineData("fr-FR,fr;q=0.9", null, "en", "en-GB")]
    [InlineData("en;q=0.3,de-CH;q=0.8", null, "de", "de-CH")]
    [InlineData("de;q=0,en-GB", null, "en", "en-GB")]
    [InlineData("*", null, "en", "en-GB")]
    [InlineData("not a header;;q=", null, "en", "en-GB")]
    [InlineData("en-GB", "de", "de", "de-DE")]
    [InlineData("de-AT", "de", "de", "de-AT")]
    [InlineData("de-AT,en-US;q=0.5", "en", "en", "en-GB")]
    [InlineData("de-AT", "fr", "de", "de-AT")]
    [InlineData("de-AT", "<script>", "de", "de-AT")]
    public void The_choice_comes_before_the_browser_and_English_last(string? browser, string? choice, string language, string formats)
    {
        var reader = new ReaderCulture();
        reader.Start(browser, choice);
        Assert.Equal((language, formats), (reader.Language.Name, reader.Formats.Name));
    }

    [Fact]
    public void A_choice_of_another_page_waits_for_the_next_change_of_page()
    {
        var reader = new ReaderCulture();
        reader.Start("en-GB", null);
        var changes = 0;
        reader.Changed += () => changes++;

        reader.FollowSoon("de");
        Assert.Equal(("en", 0), (reader.Language.Name, changes));
        reader.TakeUp();
        Assert.Equal(("de", 1), (reader.Language.Name, changes));
        // Taken back before the page changed.
        reader.FollowSoon("en");
        reader.FollowSoon("de");
        reader.TakeUp();
        Assert.Equal(("de", 1), (reader.Language.Name, changes));
    }

    [Fact]
    public void The_browser_is_told_once_and_only_what_it_does_not_know()
    {
        var reader = new ReaderCulture();
        reader.Start("en-GB", "de");
        Assert.False(reader.MustTell());
        reader.Follow(null);
        Assert.True(reader.MustTell());
        Assert.False(reader.MustTell());
        // A cookie that means nothing is removed.
        reader.Start("en-GB", "fr");
        Assert.True(reader.MustTell());
    }

    [Fact]
    public void What_runs_for_another_reader_leaves_no_culture_behind()
    {
        var before = (CultureInfo.CurrentUICulture, CultureInfo.CurrentCulture);
        var reader = new ReaderCulture();
        reader.Start("de-AT", null);
        var (language, formats) = ("", "");
        reader.Run(() => (language, formats) = (CultureInfo.CurrentUICulture.Name, CultureInfo.CurrentCulture.Name));
        Assert.Equal(("de", "de-AT"), (language, formats));
        Assert.Equal(before, (CultureInfo.CurrentUICulture, CultureInfo.CurrentCulture));
    }

    /// <summary>The short name of a month differs between versions of the culture data: "Sep", "Sept", "Sept.".</summary>
    [Theory]
    [InlineData("en-GB", "30 {0} 2026, 14:05 (UTC)", "30 {0}")]
    [InlineData("en-US", "{0} 30, 2026, 2:05 PM (UTC)", "{0} 30")]
    [InlineData("de-DE", "30. {0} 2026, 14:05 (UTC)", "30. {0}")]
    [InlineData("de-AT", "30. {0} 2026, 14:05 (UTC)", "30. {0}")]
    public void Dates_are_those_of_the_reader(string browser, string exact, string day)
    {
        var reader = new ReaderCulture();
        reader.Start(browser, null);
        var time = new BrowserTime(TimeProvider.System, reader);
        var at = new DateTimeOffset(2026, 9, 30, 14, 5, 0, TimeSpan.Zero);
        var month = reader.Formats.DateTimeFormat.AbbreviatedMonthGenitiveNames[8];
        reader.Run(() =>
        {
            // Some versions write a space that does not break.
            Assert.Equal(string.Format(CultureInfo.InvariantCulture, exact, month), time.Exact(at).Replace('\u202f', ' '));
            Assert.Equal(string.Format(CultureInfo.InvariantCulture, day, month), at.ToString(time.DayMonth, time.Culture));
        });
    }

    [Theory]
    [InlineData(0, "UTC")]
    [InlineData(120, "UTC+2")]
    [InlineData(345, "UTC+5:45")]
    [InlineData(-210, "UTC-3:30")]
    [InlineData(-600, "UTC-10")]
    public void A_time_says_how_far_its_zone_is_from_UTC(int minutes, string zone) =>
        Assert.Equal(zone, BrowserTime.Offset(TimeSpan.FromMinutes(minutes)));

    [Fact]
    public async Task A_page_is_drawn_in_the_language_of_its_reader()
    {
        await using var host = await PortalHost.StartAsync();
        using var client = host.CreateClient();
        async Task<string> ReadAsync(string accept, string? cookie = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, PortalUrls.SignIn);
            request.Headers.TryAddWithoutValidation("Accept-Language", accept);
            if (cookie is not null) request.Headers.Add("Cookie", $"__Host-language={cookie}; language={cookie}");
            using var answer = await client.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }

        AssertLanguage("de", await ReadAsync("de-AT,en;q=0.5"));
        AssertLanguage("en", await ReadAsync("en-GB"));
        AssertLanguage("en", await ReadAsync("de-AT", cookie: "en"));
        AssertLanguage("de", await ReadAsync("en-GB", cookie: "de"));
        AssertLanguage("en", await ReadAsync("en-GB", cookie: "xx"));
    }

    [Theory]
    [InlineData("de-DE", "de")]
    [InlineData("en-GB", "en")]
    public async Task A_plain_page_is_in_the_language_of_the_browser(string browser, string language)
    {
        await using var host = await PortalHost.StartAsync();
        using var client = host.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "evil.test" } };
        request.Headers.TryAddWithoutValidation("Accept-Language", browser);
        using var answer = await client.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains($"<html lang=\"{language}\"", page, StringComparison.Ordinal);
        var title = Languages.In(CultureInfo.GetCultureInfo(language), () => Texts.Shell_OtherAddressTitle);
        Assert.Contains(System.Text.Encodings.Web.HtmlEncoder.Default.Encode(title), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_choice_on_the_record_comes_before_what_browser_and_cookie_say()
    {
        await using var host = await PortalHost.StartAsync();
        var ada = await host.AddPersonAsync();
        await using var visitor = await OpenCircuit.SignedInAsync(host, ada.Username, ada.Password);
        AssertLanguage("en", await visitor.ReadPageAsync(PortalUrls.Account));

        Assert.True(await visitor.Services.GetRequiredService<OwnLanguage>().ChooseAsync("de"));
        AssertLanguage("de", await visitor.ReadPageAsync(PortalUrls.Account));
        Assert.True(await visitor.Services.GetRequiredService<OwnLanguage>().ChooseAsync(null));
        AssertLanguage("en", await visitor.ReadPageAsync(PortalUrls.Account));
    }

    [Fact]
    public async Task Only_the_own_language_changes_and_the_trail_says_so()
    {
        await using var host = await PortalHost.StartAsync();
        var (ada, bob) = (await host.AddPersonAsync(), await host.AddPersonAsync("bob"));
        await using var seat = await Seat.TakeAsync(host, ada);
        var own = seat.Service<OwnLanguage>();

        Assert.True(await own.ChooseAsync("de"));
        Assert.False(await own.ChooseAsync("de"));
        Assert.False(await own.ChooseAsync("tlh"));
        Assert.Equal(("de", null), ((await host.UserAsync(ada)).Language, (await host.UserAsync(bob)).Language));
        Assert.Equal((1, 0), (await host.EventsAsync<AuditEvent.LanguageChosen>(ada), await host.EventsAsync<AuditEvent.LanguageChosen>(bob)));

        seat.Page.SwitchToNobody(SessionEnd.SignedOut);
        await Assert.ThrowsAsync<AccessRefusedException>(() => own.ChooseAsync("en"));
    }

    [Fact]
    public async Task Two_people_in_turn_in_one_circuit_each_read_their_own_language()
    {
        await using var host = await PortalHost.StartAsync();
        var (ada, bob) = (await host.AddPersonAsync(), await host.AddPersonAsync("bob"));
        await using (var work = await host.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == ada.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.Language, "de"));
            await work.CommitAsync();
        }
        await using var circuit = await host.SignedInAsync(ada);
        var (reader, person) = (circuit.ServiceProvider.GetRequiredService<ReaderCulture>(),
            circuit.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>());
        Assert.Equal("de", reader.Language.Name);

        // A session that ends by itself says so in the language of its person; a sign-out leaves nothing of the person behind.
        person.SwitchToNobody(SessionEnd.Expired);
        Assert.Equal("de", reader.Language.Name);
        await using (var again = await host.SignedInAsync(bob))
            Assert.Equal("en", again.ServiceProvider.GetRequiredService<ReaderCulture>().Language.Name);
        await SwitchAsync(host, person, bob);
        Assert.Equal(("en", null), (reader.Language.Name, reader.Choice));
        await SwitchAsync(host, person, ada);
        Assert.Equal("de", reader.Language.Name);
        person.SwitchToNobody(SessionEnd.SignedOut);
        Assert.Equal("en", reader.Language.Name);
    }

    /// <summary>An administrator's click runs on the administrator's thread, and draws the other person's page.</summary>
    [Fact]
    public async Task What_others_do_to_an_open_page_runs_in_the_culture_of_its_reader()
    {
        await using var host = await PortalHost.StartAsync();
        var ada = await host.AddPersonAsync();
        await using var seat = await Seat.TakeAsync(host, ada);
        seat.Service<ReaderCulture>().Follow("de");
        string? language = null;
        seat.Page.AuthenticationStateChanged += _ => language = CultureInfo.CurrentUICulture.Name;

        host.Services.GetRequiredService<CircuitRegistry>().End([seat.SessionId], SessionEnd.AccountClosed);
        Assert.Equal("de", language);
        Assert.NotEqual("de", CultureInfo.CurrentUICulture.Name);
    }

    private static async Task SwitchAsync(PortalHost host, PortalAuthenticationStateProvider circuit, TestPerson person)
    {
        await using var work = await host.BeginAsync();
        var session = SessionRows.New(person.Id, work.Now);
        work.Add(session);
        await work.FlushAsync();
        circuit.Switch(Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, session.Id)));
        await work.CommitAsync();
    }

    private static void AssertLanguage(string language, string page)
    {
        Assert.Contains($"<html lang=\"{language}\"", page, StringComparison.Ordinal);
        var skip = Languages.In(CultureInfo.GetCultureInfo(language), () => Texts.Shell_ConnectionLost);
        Assert.Contains(System.Text.Encodings.Web.HtmlEncoder.Default.Encode(skip), page, StringComparison.Ordinal);
    }
}
