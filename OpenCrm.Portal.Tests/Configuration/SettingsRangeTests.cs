using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>
/// What each field accepts, as checked by the service (docs/spec.md 4.2 and 4.3). All tests share one portal: each reads before it saves.
/// </summary>
public sealed class SettingsRangeTests(SettingsRangeTests.OnePortal portal) : IClassFixture<SettingsRangeTests.OnePortal>
{
    private SettingsDesk Ann => portal.Settings;

    [Theory]
    [InlineData(0, 0, 30, 30, nameof(SecuritySettings.AttemptsBeforeLock))]
    [InlineData(101, 0, 30, 30, nameof(SecuritySettings.AttemptsBeforeLock))]
    [InlineData(null, 0, 30, 30, nameof(SecuritySettings.AttemptsBeforeLock))]
    [InlineData(5, -1, 30, 30, nameof(SecuritySettings.LockMinutes))]
    [InlineData(5, 1441, 30, 30, nameof(SecuritySettings.LockMinutes))]
    [InlineData(5, null, 30, 30, nameof(SecuritySettings.LockMinutes))]
    [InlineData(5, 0, 0, 30, nameof(SecuritySettings.SessionTimeoutMinutes))]
    [InlineData(5, 0, 1441, 30, nameof(SecuritySettings.SessionTimeoutMinutes))]
    [InlineData(5, 0, null, 30, nameof(SecuritySettings.SessionTimeoutMinutes))]
    [InlineData(5, 0, 30, 4, nameof(SecuritySettings.LostDeviceLinkMinutes))]
    [InlineData(5, 0, 30, 1441, nameof(SecuritySettings.LostDeviceLinkMinutes))]
    [InlineData(5, 0, 30, null, nameof(SecuritySettings.LostDeviceLinkMinutes))]
    public async Task Security_out_of_range_is_refused(int? attempts, int? minutes, int? timeout, int? link, string fault)
    {
        var before = (await Ann.ReadAsync()).Security.Version;

        var outcome = await Ann.SaveAsync(new SecurityFields(before, false, attempts, minutes, timeout, link));

        Assert.Equal([fault], Assert.IsType<SettingsOutcome.Invalid>(outcome).Fields);
        Assert.Equal(before, (await Ann.ReadAsync()).Security.Version);
    }

    [Theory]
    [InlineData(1, 1440, 1, 5)]
    [InlineData(100, 0, 1440, 1440)]
    public async Task The_ends_of_the_ranges_are_accepted(int attempts, int minutes, int timeout, int link)
    {
        var outcome = await Ann.SaveAsync(new SecurityFields((await Ann.ReadAsync()).Security.Version, false, attempts, minutes, timeout, link));

        Assert.IsType<SettingsOutcome.Saved>(outcome);
        var stored = (await Ann.ReadAsync()).Security;
        Assert.Equal(
            (attempts, minutes, timeout, link),
            (stored.AttemptsBeforeLock, stored.LockMinutes, stored.SessionTimeoutMinutes, stored.LostDeviceLinkMinutes));
    }

    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(null, false)]
    public async Task The_minimum_length_is_from_8_to_64(int? length, bool accepted)
    {
        var before = (await Ann.ReadAsync()).PasswordPolicy;

        var outcome = await Ann.SaveAsync(new PasswordPolicyFields(before.Version, length, true, true, true, false, false));

        Assert.Equal(accepted, outcome is SettingsOutcome.Saved);
        Assert.Equal(accepted ? length : before.MinimumLength, (await Ann.ReadAsync()).PasswordPolicy.MinimumLength);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("   ", false)]
    [InlineData("Northwind\r\nBcc: x", false)]
    [InlineData("North\u2028wind", false)]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901", false)]
    [InlineData("  Northwind Instruments ", true)]
    public async Task A_company_name_is_one_line_of_up_to_60_characters(string name, bool accepted)
    {
        var before = (await Ann.ReadAsync()).General;

        var outcome = await Ann.SaveAsync(new GeneralFields(before.Version, name, before.TypedPublicUrl ?? ""));

        Assert.Equal(accepted, outcome is SettingsOutcome.Saved);
        Assert.Equal(accepted ? name.Trim() : before.CompanyName, (await Ann.ReadAsync()).General.CompanyName);
    }

    [Theory]
    [InlineData("https://portal.northwind.test", true)]
    [InlineData(" https://portal.northwind.test/ ", true)]
    [InlineData("http://localhost:5000", true)]
    [InlineData("http://portal.northwind.test", false)]
    [InlineData("https://portal.northwind.test/path", false)]
    [InlineData("https://portal.northwind.test?x=1", false)]
    [InlineData("https://ann:pw@portal.northwind.test", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("portal.northwind.test", false)]
    public async Task A_public_address_is_a_place_and_nothing_more(string url, bool accepted)
    {
        var before = (await Ann.ReadAsync()).General;

        var outcome = await Ann.SaveAsync(new GeneralFields(before.Version, "Northwind", url));

        Assert.Equal(accepted, outcome is SettingsOutcome.Saved);
        Assert.Equal(accepted ? url.Trim().TrimEnd('/') : before.TypedPublicUrl, (await Ann.ReadAsync()).General.TypedPublicUrl);
    }

    public sealed class OnePortal : IAsyncLifetime
    {
        private SettingsPortal _portal = null!;

        internal SettingsDesk Settings { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _portal = await SettingsPortal.StartAsync();
            Settings = (await _portal.SignInAsync(await _portal.AddUserAsync("Ann Lee"))).Settings;
        }

        public ValueTask DisposeAsync() => _portal.DisposeAsync();
    }
}
