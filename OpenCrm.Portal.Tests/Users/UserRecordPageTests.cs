using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Tests.Journeys;
using OpenCrm.Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>The user record in a browser, beside the browser of the person it is about (docs/spec.md 5.2 to 5.4).</summary>
public sealed class UserRecordPageTests(PostgresCluster postgres, Browser browser, ITestOutputHelper output)
{
    private static readonly Deed[] Deeds =
    [
        new("Lock", "locked or deactivated", "is locked"),
        new("End sessions", "signed out by a system administrator", "are ended"),
        new("Deactivate", "locked or deactivated", "is inactive now"),
        new("Reset password", "because your password changed", "a link is on its way"),
        new("Disable MFA", "multi-factor authentication of your account changed", "MFA is off", Enrolled: true),
    ];

    /// <summary>
    /// The median counts, because many tests share the machine; the worst time is printed. <c>PORTAL_MEASURED_ROUNDS</c> asks for more rounds.
    /// </summary>
    [Theory]
    [InlineData(DatabaseKind.Sqlite, 1)]
    [InlineData(DatabaseKind.Postgres, 1)]
    [InlineData(DatabaseKind.Postgres, 2)]
    public async Task What_an_administrator_does_ends_the_person_s_open_page_within_a_second_with_the_reason(DatabaseKind database, int nodes)
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("PORTAL_MEASURED_ROUNDS") ?? $"{Deeds.Length}", CultureInfo.InvariantCulture);
        await using var portal = await NodesAsync(database, nodes);
        await portal.First.SetSecurityAsync();
        var ann = await portal.First.AddPersonAsync("ann", administrator: true);
        var admin = await SignedInAsync(portal.First, ann, "/settings/users");
        var times = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var deed = Deeds[round % Deeds.Length];
            var person = await portal.First.AddPersonAsync($"person{round}", enrolled: deed.Enrolled);
            var other = await SignedInAsync(portal.Last, person, "/account");
            await admin.GotoAsync($"/settings/users/{person.Id}");
            await admin.PressAsync(deed.Button);
            var popup = admin.Page.GetByRole(AriaRole.Dialog);
            await Expect(popup.GetByText(person.Username).First).ToBeVisibleAsync();
            await other.Page.EvaluateAsync(
                """
                () => new MutationObserver(() => { if (!window.leftAt && document.querySelector('[role=alert]')) window.leftAt = Date.now(); })
                    .observe(document.body, { subtree: true, childList: true, characterData: true })
                """);
            await admin.Page.EvaluateAsync("() => document.addEventListener('click', () => { window.clickedAt = Date.now(); }, true)");
            await popup.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();

            Assert.Contains(deed.Reason, await other.AlertAsync(), StringComparison.Ordinal);
            await other.Page.GetByLabel("Username or email").WaitForAsync();
            times.Add(await other.Page.EvaluateAsync<double>("window.leftAt") - await admin.Page.EvaluateAsync<double>("window.clickedAt"));
            await admin.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = deed.Announced }).First
                .WaitForAsync(new() { State = WaitForSelectorState.Attached });
            await Expect(popup).ToHaveCountAsync(0);
            other.Circuit.AssertOneSocketOneLoad();
            other.Problems.AssertNone();
            await other.CloseAsync();
        }
        times.Sort();
        var median = times[times.Count / 2];
        output.WriteLine($"{database}, {nodes} node(s), {rounds} rounds: click to sign-out median {median:0} ms, worst {times[^1]:0} ms");
        Assert.True(median < 1000, $"Median {median:0} ms, worst {times[^1]:0} ms");
        admin.Problems.AssertNone();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_role_change_is_drawn_in_the_open_page_and_keeps_the_person_signed_in(int nodes)
    {
        await using var portal = await NodesAsync(nodes == 1 ? DatabaseKind.Sqlite : DatabaseKind.Postgres, nodes);
        var (ann, bob) = (await portal.First.AddPersonAsync("ann", administrator: true), await portal.First.AddPersonAsync("bob"));
        var other = await SignedInAsync(portal.Last, bob, "/account");
        var admin = await SignedInAsync(portal.First, ann, $"/settings/users/{bob.Id}");
        var users = other.Page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true });
        await other.Page.EvaluateAsync(
            """
            () => {
                const shown = () => document.querySelector("a[href='/settings/users']") !== null;
                let last = shown();
                window.changedAt = [];
                new MutationObserver(() => { if (shown() !== last) { last = !last; window.changedAt.push(Date.now()); } })
                    .observe(document.body, { subtree: true, childList: true });
            }
            """);
        await admin.Page.EvaluateAsync("() => document.addEventListener('click', () => { window.clickedAt = Date.now(); }, true)");
        // The role is given and taken: two changes a round.
        var rounds = Math.Max(1, int.Parse(Environment.GetEnvironmentVariable("PORTAL_MEASURED_ROUNDS") ?? "2", CultureInfo.InvariantCulture) / 2);
        var times = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            await Expect(users).ToHaveCountAsync(0);
            times.Add(await SetRoleAsync(admin, other, on: true));
            await users.ClickAsync();
            await other.Page.GetByRole(AriaRole.Link, new() { Name = "bob", Exact = true }).WaitForAsync();

            times.Add(await SetRoleAsync(admin, other, on: false));
            await other.Page.GetByRole(AriaRole.Heading, new() { Name = "You have no access to this page" }).WaitForAsync();
            await other.Page.GetByRole(AriaRole.Link, new() { NameRegex = new("home", System.Text.RegularExpressions.RegexOptions.IgnoreCase) })
                .First.ClickAsync();
            await other.Page.GetByRole(AriaRole.Button, new() { Name = "Account menu, bob" }).WaitForAsync();
            await Expect(users).ToHaveCountAsync(0);
        }
        times.Sort();
        output.WriteLine(
            $"{nodes} node(s), {times.Count} changes: click to the open page drawn anew, "
            + $"median {times[times.Count / 2]:0} ms, worst {times[^1]:0} ms");
        Assert.True(times[times.Count / 2] < 1000, $"Worst {times[^1]:0} ms");
        other.Circuit.AssertOneSocketOneLoad();
    }

    [Fact]
    public async Task The_buttons_are_those_of_state_and_right_and_the_own_record_is_My_user_record()
    {
        await using var portal = await NodesAsync(DatabaseKind.Sqlite, 1);
        await portal.First.SetSecurityAsync();
        var ann = await portal.First.AddPersonAsync("ann", administrator: true);
        var tab = await SignedInAsync(portal.First, ann, $"/settings/users/{ann.Id}");
        await Expect(tab.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/account$"));
        Assert.Equal(["Change password", "Change email", "Edit", "Setup MFA"], await ButtonsAsync(tab));

        var guessed = await portal.First.AddPersonAsync("guessed");
        var invited = await portal.First.AddPersonAsync("invited");
        await using (var work = await portal.First.BeginAsync())
        {
            await work.Query<PortalUser>().Where(u => u.Id == guessed.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.LockoutEnd, DateTimeOffset.MaxValue));
            await work.Query<PortalUser>().Where(u => u.Id == invited.Id)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(u => u.PasswordHash, (string?)null)
                    .SetProperty(u => u.PasswordChangedAt, (DateTimeOffset?)null));
            await work.CommitAsync();
        }
        (TestPerson Person, string[] Buttons)[] expected =
        [
            (await portal.First.AddPersonAsync("active"), ["Edit", "Reset password", "Lock", "Deactivate", "Setup MFA"]),
            (await portal.First.AddPersonAsync("enrolled", enrolled: true),
                ["Edit", "Reset password", "Lock", "Deactivate", "Give temporary code", "Disable MFA"]),
            (guessed, ["Edit", "Unlock", "Lock", "Deactivate"]),
            (invited, ["Edit", "Invite again", "Lock", "Deactivate", "Setup MFA"]),
            (await portal.First.AddPersonAsync("locked", state: AccountState.Locked), ["Edit", "Unlock", "Deactivate"]),
            (await portal.First.AddPersonAsync("inactive", state: AccountState.Inactive), ["Edit", "Activate"]),
        ];
        foreach (var (person, buttons) in expected)
        {
            await tab.GotoAsync($"/settings/users/{person.Id}");
            await tab.Page.GetByRole(AriaRole.Heading, new() { Name = person.Username, Exact = true }).WaitForAsync();
            Assert.Equal(buttons, await ButtonsAsync(tab));
        }
        await portal.First.SetSecurityAsync(mfa: false);
        await tab.GotoAsync($"/settings/users/{expected[1].Person.Id}");
        await Expect(tab.Page.GetByText("MFA is switched off for everybody")).ToBeVisibleAsync();
        Assert.Equal(["Edit", "Reset password", "Lock", "Deactivate"], await ButtonsAsync(tab));

        await tab.GotoAsync($"/settings/users/{Guid.NewGuid()}");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such user" }).WaitForAsync();
        tab.Problems.AssertNone();
    }

    /// <summary>Red when the cards of a row are equally high: beside a long list of activity the card Sessions was half empty.</summary>
    [Fact]
    public async Task A_card_begins_where_the_one_above_it_ends_and_a_phone_keeps_their_order()
    {
        await using var portal = await NodesAsync(DatabaseKind.Sqlite, 1);
        await portal.First.SetSecurityAsync();
        var (ann, bob) = (await portal.First.AddPersonAsync("ann", administrator: true), await portal.First.AddPersonAsync("bob", enrolled: true));
        var tab = await SignedInAsync(portal.First, ann, $"/settings/users/{bob.Id}");
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Recent activity" }).WaitForAsync();
        async Task<double[]> BoxAsync(string heading) => await tab.Page.EvaluateAsync<double[]>(
            "id => { const box = document.getElementById(id).closest('.card').getBoundingClientRect(); return [box.left, box.top, box.bottom]; }",
            heading);

        await tab.Page.SetViewportSizeAsync(1280, 900);
        var (details, mfa, sessions, activity) =
            (await BoxAsync("details"), await BoxAsync("mfa"), await BoxAsync("sessions"), await BoxAsync("activity"));
        Assert.Equal((details[0], mfa[0], details[1]), (sessions[0], activity[0], mfa[1]));
        Assert.Equal((16d, 16d), (Math.Round(sessions[1] - details[2]), Math.Round(activity[1] - mfa[2])));

        await tab.Page.SetViewportSizeAsync(390, 844);
        (details, mfa, sessions, activity) =
            (await BoxAsync("details"), await BoxAsync("mfa"), await BoxAsync("sessions"), await BoxAsync("activity"));
        Assert.Equal((16d, 16d, 16d), (Math.Round(mfa[1] - details[2]), Math.Round(sessions[1] - mfa[2]), Math.Round(activity[1] - sessions[2])));
        tab.Problems.AssertNone();
    }

    [Fact]
    public async Task Two_who_edit_the_same_user_lose_nothing_and_a_new_address_asks_who_it_is()
    {
        await using var portal = await NodesAsync(DatabaseKind.Sqlite, 1);
        var (ann, cem, bob) = (
            await portal.First.AddPersonAsync("ann", administrator: true),
            await portal.First.AddPersonAsync("cem", administrator: true),
            await portal.First.AddPersonAsync("bob"));
        var here = await SignedInAsync(portal.First, ann, $"/settings/users/{bob.Id}");
        var there = await SignedInAsync(portal.First, cem, $"/settings/users/{bob.Id}");
        foreach (var tab in new[] { here, there })
        {
            await tab.PressAsync("Edit");
            await tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Edit bob?" }).WaitForAsync();
        }
        await there.FillAsync("Name", "Bob of Cem");
        await here.FillAsync("Name", "Bob of Ann");
        await here.FillAsync("Username", "bob.ray");
        await here.PressAsync("OK");
        await here.Page.GetByRole(AriaRole.Heading, new() { Name = "Bob of Ann" }).WaitForAsync();

        await there.PressAsync("OK");
        Assert.Contains("ann changed this user while you were editing", await there.AlertAsync(), StringComparison.Ordinal);
        var popup = there.Page.GetByRole(AriaRole.Dialog);
        await Expect(popup).ToContainTextAsync("Now saved: Bob of Ann. You typed: Bob of Cem. Use Bob of Ann");
        await Expect(popup).ToContainTextAsync("Changed meanwhile from bob to bob.ray");
        await Expect(popup.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Bob of Cem");
        await Expect(popup.GetByLabel("Username", new() { Exact = true })).ToHaveValueAsync("bob.ray");
        await there.SaveScreenshotAsync("user-edit-conflict");
        await there.PressAsync("OK");
        await there.Page.GetByRole(AriaRole.Heading, new() { Name = "Bob of Cem" }).WaitForAsync();

        portal.First.Advance(TimeSpan.FromMinutes(11));
        await there.PressAsync("Edit");
        await Expect(popup.GetByLabel("Password", new() { Exact = true })).ToHaveCountAsync(0);
        await there.FillAsync("Email", "ann@example.test");
        await there.FillAsync("Password", "not my password");
        await there.PressAsync("OK");
        await Expect(popup.GetByRole(AriaRole.Alert).First).ToContainTextAsync("not right");
        await there.FillAsync("Password", cem.Password);
        await there.PressAsync("OK");
        await Expect(popup).ToContainTextAsync("Another user has this email address");
        await Expect(popup.GetByLabel("Email", new() { Exact = true })).ToHaveValueAsync("ann@example.test");
        await there.FillAsync("Email", "bob@elsewhere.test");
        await there.PressAsync("OK");
        await there.Page.GetByText("bob@elsewhere.test").First.WaitForAsync();
        await new Mailbox(portal.First.PickupFolder).WaitForAsync(bob.Email, "email-changed");
        there.Problems.AssertNone();
    }

    [Fact]
    public async Task A_new_user_is_invited_by_mail_chooses_a_password_and_signs_in()
    {
        await using var portal = await NodesAsync(DatabaseKind.Sqlite, 1);
        var ann = await portal.First.AddPersonAsync("ann", administrator: true);
        var admin = await SignedInAsync(portal.First, ann, "/settings/users");
        await admin.Page.GetByRole(AriaRole.Link, new() { Name = "New User" }).ClickAsync();
        await admin.FillAsync("Username", "ann");
        await admin.FillAsync("Name", "Ünal Demir");
        await admin.FillAsync("Email", "unal.demir");
        await admin.PressAsync("Create user");
        await admin.Page.GetByText("Another user has this username.").WaitForAsync();
        await admin.Page.GetByText("Enter one email address").WaitForAsync();
        await Expect(admin.Page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Ünal Demir");
        // Giving the administrator role asks for a fresh proof; what was typed stays behind the dialog.
        portal.First.Advance(TimeSpan.FromMinutes(11));
        await admin.FillAsync("Username", "unal.demir");
        await admin.FillAsync("Email", "unal.demir@example.test");
        await admin.Page.GetByRole(AriaRole.Checkbox, new() { Name = "System administrator" }).CheckAsync();
        await admin.PressAsync("Create user");
        var dialog = admin.Page.GetByRole(AriaRole.Dialog, new() { Name = "Confirm it is you" });
        await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync(ann.Password);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await admin.Page.GetByRole(AriaRole.Heading, new() { Name = "Ünal Demir" }).WaitForAsync();
        await admin.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Invitation sent to unal.demir@example.test" }).First
            .WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await Expect(admin.Page.GetByRole(AriaRole.Button, new() { Name = "Invite again" })).ToBeVisibleAsync();
        admin.Problems.AssertNone();

        var link = Mailbox.Link(await new Mailbox(portal.First.PickupFolder).WaitForAsync("unal.demir@example.test", "invitation"));
        var invited = await browser.NewPageAsync(Address(portal.First));
        await invited.GotoAsync(link.PathAndQuery + link.Fragment);
        await invited.FillAsync("New password", "eleven brave lamps sing");
        await invited.FillAsync("Confirm password", "eleven brave lamps sing");
        await invited.PressAsync("Set password");
        await invited.WaitForAddressAsync("/login");
        await new Visitor(invited).SignInAsync("unal.demir", "eleven brave lamps sing");
        await invited.Page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).WaitForAsync();
    }

    [Fact]
    public async Task An_administrator_sets_up_MFA_for_somebody_who_has_the_phone_at_hand()
    {
        await using var portal = await NodesAsync(DatabaseKind.Sqlite, 1);
        await portal.First.SetSecurityAsync();
        var (ann, bob) = (await portal.First.AddPersonAsync("ann", administrator: true), await portal.First.AddPersonAsync("bob"));
        var admin = await SignedInAsync(portal.First, ann, $"/settings/users/{bob.Id}");
        var other = await SignedInAsync(portal.First, bob, "/account");

        await admin.PressAsync("Setup MFA");
        await Expect(admin.Page.GetByRole(AriaRole.Note)).ToContainTextAsync("You are setting this up for bob");
        await admin.SaveScreenshotAsync("setup-mfa-for-somebody-else");
        await admin.PressAsync("Next");
        var secret = (await QrReader.AddressAsync(admin.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" }))).Secret;
        await admin.PressAsync("Next");
        await admin.FillAsync("Six-digit code", await Oathtool.CodeAsync(secret, portal.First.Now));
        await admin.PressAsync("Save");
        await admin.PressAsync("Done");

        Assert.Contains("multi-factor authentication of your account changed", await other.AlertAsync(), StringComparison.Ordinal);
        await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Disable MFA" }).WaitForAsync();
        await Expect(admin.Page.Locator(".facts")).ToContainTextAsync(["", "ann"]);
        admin.Problems.AssertNone();
    }

    /// <returns>The milliseconds from the click until the other person's open page shows the change.</returns>
    private static async Task<double> SetRoleAsync(PortalPage admin, PortalPage other, bool on)
    {
        var before = await other.Page.EvaluateAsync<int>("window.changedAt.length");
        await admin.PressAsync("Edit");
        await admin.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Checkbox, new() { Name = "System administrator" }).SetCheckedAsync(on);
        await admin.PressAsync("OK");
        await Eventually.TrueAsync(
            async () => await other.Page.EvaluateAsync<int>("window.changedAt.length") > before,
            "the other's page is drawn anew");
        var changed = await other.Page.EvaluateAsync<double>("window.changedAt.at(-1)");
        await Expect(admin.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        return changed - await admin.Page.EvaluateAsync<double>("window.clickedAt");
    }

    private static async Task<IReadOnlyList<string>> ButtonsAsync(PortalPage tab)
    {
        await tab.Page.Locator(".record-head").WaitForAsync();
        return [.. (await tab.Page.Locator(".record-head button, [aria-labelledby=mfa] button").AllInnerTextsAsync()).Select(text => text.Trim())];
    }

    private Task<PortalPage> SignedInAsync(PortalHost portal, TestPerson person, string path) => browser.SignedInAsync(portal, person, path);

    private static Uri Address(PortalHost portal) => PersonAtBrowser.Address(portal);

    private Task<Nodes> NodesAsync(DatabaseKind database, int count) => Nodes.StartAsync(postgres, database, count);

    /// <summary>A button of the record, what the person reads afterwards, and what the administrator's page announces.</summary>
    private sealed record Deed(string Button, string Reason, string Announced, bool Enrolled = false);
}
