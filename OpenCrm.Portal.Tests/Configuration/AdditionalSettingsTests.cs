using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>Who may save which settings, and what happens when two administrators save at once (docs/spec.md 4.1 to 4.4).</summary>
public sealed class AdditionalSettingsTests : IAsyncLifetime
{
    private SettingsPortal _portal = null!;
    private SettingsCircuit _ann = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await SettingsPortal.StartAsync();
        _ann = await _portal.SignInAsync(await _portal.AddUserAsync("Ann Lee"));
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task What_is_saved_is_what_is_read_by_whom_and_when()
    {
        var before = (await _ann.Settings.ReadAsync()).Security;

        var outcome = await _ann.Settings.SaveAsync(new SecurityFields(before.Version, false, 7, 15, 30, 30));

        var saved = Assert.IsType<SecuritySettings>(Assert.IsType<SettingsOutcome.Saved>(outcome).Now);
        var read = (await _ann.Settings.ReadAsync()).Security;
        Assert.Equal(
            (7, 15, before.Version + 1, "Ann Lee", _portal.Host.Now),
            (read.AttemptsBeforeLock, read.LockMinutes, read.Version, read.SavedBy!, read.SavedAt!.Value));
        Assert.Equal(read.Version, saved.Version);
    }

    [Fact]
    public async Task A_public_address_is_not_taken_away_again()
    {
        await _portal.UseAddressAsync("https://portal.northwind.test");

        Assert.Equal(
            [nameof(GeneralSettings.PendingPublicUrl)],
            Assert.IsType<SettingsOutcome.Invalid>(await _ann.Settings.SaveAsync(new GeneralFields(1, "Northwind", " "))).Fields);
    }

    [Fact]
    public async Task A_configured_address_wins_over_what_is_typed()
    {
        await using var configured = await SettingsPortal.StartAsync("https://configured.test");
        var bob = await configured.SignInAsync(await configured.AddUserAsync("Bob"));

        await bob.Settings.SaveAsync(new GeneralFields(0, "Northwind", "https://evil.test"));

        Assert.Equal("https://configured.test", (await bob.Settings.ReadAsync()).ConfiguredPublicUrl);
        Assert.Equal(
            ("Northwind", null),
            ((await configured.ReadSettingsAsync<GeneralSettings>()).CompanyName, (await configured.ReadSettingsAsync<GeneralSettings>()).PublicUrl));
    }

    [Fact]
    public async Task Only_system_administrators_read_or_save()
    {
        var user = await _portal.SignInAsync(await _portal.AddUserAsync("Eve", administrator: false));
        await using var circuit = _portal.Host.NewCircuit();
        circuit.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>().SwitchToNobody(SessionEnd.SignedOut);
        var nobody = new SettingsCircuit(circuit.ServiceProvider, default);

        Func<Task>[] acts =
        [
            () => user.Settings.ReadAsync(),
            () => user.Settings.CountEnrolmentsAsync(),
            () => user.Settings.SaveAsync(new GeneralFields(0, "Eve's", "")),
            () => user.Settings.SaveAsync(new SecurityFields(0, true, 100, 0, 30, 30)),
            () => user.Settings.SaveAsync(new SecurityFields(0, true, 100, 0, 30, 30), new MfaSwitchAnswer()),
            () => user.Settings.SaveAsync(new PasswordPolicyFields(0, 8, false, false, false, false, false)),
            () => nobody.Settings.ReadAsync(),
            () => nobody.Settings.SaveAsync(new SecurityFields(0, true, 100, 0, 30, 30)),
        ];

        foreach (var act in acts) await Assert.ThrowsAsync<AccessRefusedException>(act);
        Assert.Equal(0, (await _portal.ReadSettingsAsync<SecuritySettings>()).Version);
    }

    [Fact]
    public async Task The_second_of_two_administrators_is_told_and_sees_what_the_first_saved()
    {
        var grace = await _portal.SignInAsync(await _portal.AddUserAsync("Grace Whitcombe"));
        var seen = (await _ann.Settings.ReadAsync()).Security;
        await grace.Settings.SaveAsync(new SecurityFields(seen.Version, false, 9, 60, 30, 30));

        var outcome = await _ann.Settings.SaveAsync(new SecurityFields(seen.Version, false, 3, 0, 30, 30));

        var theirs = Assert.IsType<SecuritySettings>(Assert.IsType<SettingsOutcome.SavedMeanwhile>(outcome).Theirs);
        Assert.Equal(
            (9, 60, "Grace Whitcombe", _portal.Host.Now),
            (theirs.AttemptsBeforeLock, theirs.LockMinutes, theirs.SavedBy!, theirs.SavedAt!.Value));
        Assert.IsType<SettingsOutcome.Saved>(await _ann.Settings.SaveAsync(new SecurityFields(theirs.Version, false, 3, 0, 30, 30)));
        Assert.Equal(3, (await _portal.ReadSettingsAsync<SecuritySettings>()).AttemptsBeforeLock);
    }

    [Fact]
    public async Task Of_many_who_save_at_once_one_is_first_in_each_block()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            var circuit = await _portal.SignInAsync(await _portal.AddUserAsync($"Admin {n}"));
            return new[]
            {
                await circuit.Settings.SaveAsync(new GeneralFields(0, $"Company {n}", "")),
                await circuit.Settings.SaveAsync(new SecurityFields(0, false, 10 + n, 0, 30, 30)),
                await circuit.Settings.SaveAsync(new PasswordPolicyFields(0, 20 + n, false, false, false, true, true)),
            };
        }));

        for (var block = 0; block < 3; block++)
        {
            Assert.Single(outcomes, o => o[block] is SettingsOutcome.Saved);
            Assert.Equal(7, outcomes.Count(o => o[block] is SettingsOutcome.SavedMeanwhile));
        }
        Assert.Equal(3, (await EventsAsync()).Count);
    }

    [Fact]
    public async Task Each_changed_setting_is_one_event_with_old_and_new_value_and_nothing_is_mailed()
    {
        await _ann.Settings.SaveAsync(new GeneralFields(0, "Northwind", "https://portal.northwind.test"));
        await _ann.Settings.SaveAsync(new SecurityFields(0, false, 7, 0, 30, 30));
        await _ann.Settings.SaveAsync(new PasswordPolicyFields(0, 12, false, true, false, true, true));

        Assert.Equal(
            [
                """{"Block":"General","Setting":"CompanyName","Old":"OpenCRM","New":"Northwind"}""",
                """{"Block":"General","Setting":"PendingPublicUrl","Old":"","New":"https://portal.northwind.test"}""",
                """{"Block":"Security","Setting":"AttemptsBeforeLock","Old":"5","New":"7"}""",
                """{"Block":"Password policy","Setting":"RequireDigit","Old":"False","New":"True"}""",
            ],
            await EventsAsync());
        Assert.Empty(await _portal.RowsAsync<OutboxEntry>());
    }

    /// <summary>
    /// Somebody may sit down at an unattended desk. Red when only the MFA switch asks for a fresh proof: half an hour later that person can save each
    /// block.
    /// </summary>
    [Theory]
    [InlineData("General")]
    [InlineData("Security")]
    [InlineData("Password policy")]
    public async Task Every_block_is_saved_after_a_fresh_proof_only(string block)
    {
        _portal.Host.Advance(Caller.StepUpAfter + TimeSpan.FromSeconds(1));

        Assert.IsType<SettingsOutcome.StepUpNeeded>(await SaveAsync(_ann, block));
        // Invalid values are reported before the proof is asked for.
        Assert.IsType<SettingsOutcome.Invalid>(await SaveAsync(_ann, block, valid: false));
        Assert.All(await VersionsAsync(), version => Assert.Equal(0, version));
        Assert.Empty(await EventsAsync());

        Assert.IsType<Refusal.Wrong>(
            Refused.For(await _ann.Services.GetRequiredService<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, "not my password", null)));
        Assert.IsType<SettingsOutcome.StepUpNeeded>(await SaveAsync(_ann, block));
        Assert.IsType<StepUpOutcome.Proved>(
            await _ann.Services.GetRequiredService<StepUp>().ProveAsync(StepUpFor.ActingAsAdministrator, SettingsPortal.Password, null));

        Assert.IsType<SettingsOutcome.Saved>(await SaveAsync(_ann, block));
        Assert.Equal(1, (await VersionsAsync()).Sum());
        Assert.Contains($"\"Block\":\"{block}\"", Assert.Single(await EventsAsync()), StringComparison.Ordinal);
    }

    /// <summary>Nobody should answer the dialog only to read that somebody else has saved.</summary>
    [Theory]
    [InlineData("General")]
    [InlineData("Security")]
    [InlineData("Password policy")]
    public async Task Somebody_elses_save_is_told_before_anybody_is_asked_who_it_is(string block)
    {
        var grace = await _portal.SignInAsync(await _portal.AddUserAsync("Grace Whitcombe"));
        Assert.IsType<SettingsOutcome.Saved>(await SaveAsync(grace, block));
        _portal.Host.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal("Grace Whitcombe", Assert.IsType<SettingsOutcome.SavedMeanwhile>(await SaveAsync(_ann, block)).Theirs.SavedBy);
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task A_session_that_ended_saves_nothing()
    {
        var session = await _portal.SessionAsync(_ann);
        await using (var work = await _portal.Units.BeginAsync())
        {
            await _portal.Host.Services.GetRequiredService<SessionEnding>()
                .EndOneAsync(work, session.UserId, _ann.SessionId, SessionEnd.EndedByAdministrator);
            await work.CommitAsync();
        }

        await Assert.ThrowsAsync<AccessRefusedException>(() => _ann.Settings.SaveAsync(new SecurityFields(0, false, 7, 0, 30, 30)));
    }

    /// <summary>Saves this block with the values that the portal came with, except one.</summary>
    private static Task<SettingsOutcome> SaveAsync(SettingsCircuit circuit, string block, bool valid = true) => block switch
    {
        "General" => circuit.Settings.SaveAsync(new GeneralFields(0, valid ? "Northwind" : "", "")),
        "Security" => circuit.Settings.SaveAsync(new SecurityFields(0, false, valid ? 7 : 0, 0, 30, 30)),
        _ => circuit.Settings.SaveAsync(new PasswordPolicyFields(0, valid ? 20 : 7, false, false, false, true, true)),
    };

    private async Task<int[]> VersionsAsync() =>
    [
        (await _portal.ReadSettingsAsync<GeneralSettings>()).Version,
        (await _portal.ReadSettingsAsync<SecuritySettings>()).Version,
        (await _portal.ReadSettingsAsync<PasswordPolicySettings>()).Version
    ];

    private async Task<List<string>> EventsAsync() =>
    [
        .. (await _portal.RowsAsync<AuditEntry>()).Where(e => e.Kind == nameof(AuditEvent.SettingChanged))
            .OrderBy(e => e.Id).Select(e => e.Details)
    ];
}
