using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Configuration;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>
/// The services behind the page, for tests that fill in the fields of a block by name. Settings that such a test does not know stay as they are
/// stored.
/// </summary>
internal sealed class SettingsDesk(AdditionalSettings settings, MfaSwitch mfaSwitch)
{
    public static SettingsDesk In(IServiceProvider circuit) =>
        new(circuit.GetRequiredService<AdditionalSettings>(), circuit.GetRequiredService<MfaSwitch>());

    public Task<CurrentSettings> ReadAsync() => settings.ReadAsync();

    public Task<EnrolmentCount> CountEnrolmentsAsync() => mfaSwitch.CountEnrolmentsAsync();

    public Task<SettingsOutcome> SaveAsync(GeneralFields typed) =>
        settings.SaveAsync(new BlockEdit<GeneralSettings>(typed.Version, new Dictionary<string, string>
        {
            [nameof(GeneralSettings.CompanyName)] = typed.CompanyName,
            [nameof(GeneralSettings.PendingPublicUrl)] = typed.PublicUrl,
        }));

    public Task<SettingsOutcome> SaveAsync(SecurityFields typed, MfaSwitchAnswer? answer = null) => mfaSwitch.SaveAsync(
        new(new(typed.Version, new Dictionary<string, string>
        {
            [nameof(SecuritySettings.AttemptsBeforeLock)] = Text(typed.AttemptsBeforeLock),
            [nameof(SecuritySettings.LockMinutes)] = Text(typed.LockMinutes),
            [nameof(SecuritySettings.SessionTimeoutMinutes)] = Text(typed.SessionTimeoutMinutes),
            [nameof(SecuritySettings.LostDeviceLinkMinutes)] = Text(typed.LostDeviceLinkMinutes),
        }), typed.MfaEnabled),
        answer);

    public Task<SettingsOutcome> SaveAsync(PasswordPolicyFields typed) =>
        settings.SaveAsync(new BlockEdit<PasswordPolicySettings>(typed.Version, new Dictionary<string, string>
        {
            [nameof(PasswordPolicySettings.MinimumLength)] = Text(typed.MinimumLength),
            [nameof(PasswordPolicySettings.RequireUpperAndLower)] = $"{typed.RequireUpperAndLower}",
            [nameof(PasswordPolicySettings.RequireDigit)] = $"{typed.RequireDigit}",
            [nameof(PasswordPolicySettings.RequireSymbol)] = $"{typed.RequireSymbol}",
            [nameof(PasswordPolicySettings.RefuseCommon)] = $"{typed.RefuseCommon}",
            [nameof(PasswordPolicySettings.RefuseOwnNames)] = $"{typed.RefuseOwnNames}",
        }));

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "five";
}

/// <summary>What is typed in the fields of the block General.</summary>
internal sealed record GeneralFields(int Version, string CompanyName, string PublicUrl);

/// <summary>What is typed in the fields of the block Security Settings; null where it is no whole number.</summary>
internal sealed record SecurityFields(
    int Version, bool MfaEnabled, int? AttemptsBeforeLock, int? LockMinutes, int? SessionTimeoutMinutes, int? LostDeviceLinkMinutes);

/// <summary>What is typed in the fields of the block Password Policy Settings; null where it is no whole number.</summary>
internal sealed record PasswordPolicyFields(
    int Version, int? MinimumLength, bool RequireUpperAndLower, bool RequireDigit, bool RequireSymbol, bool RefuseCommon, bool RefuseOwnNames);
