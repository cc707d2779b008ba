using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Configuration;

/// <summary>The settings of a block, in the order of its fields.</summary>
/// <param name="Block">The block's name in the audit trail.</param>
public sealed record SettingsList<TBlock>(string Block, IReadOnlyList<Setting<TBlock>> Settings) where TBlock : class, ISettingsBlock
{
    /// <summary>The same list without one setting, which then cannot be edited.</summary>
    public SettingsList<TBlock> Without(string name) => this with { Settings = [.. Settings.Where(setting => setting.Name != name)] };
}

/// <summary>
/// Lists every setting of Additional Settings once (docs/spec.md 4.2). A new one is a property of its block, a line here, its texts and a migration.
/// The MFA switch is not listed, because it asks before it is saved (<see cref="MfaSwitch"/>).
/// </summary>
public static class SettingsLists
{
    private static readonly SettingGroup MustContain = new("must-contain", () => Texts.Configuration_MustContain);
    private static readonly SettingGroup Refuse = new("refuse", () => Texts.Configuration_Refuse);

    /// <summary>Company name, public address and accent color. The logo is in no list (<see cref="GeneralEdit"/>).</summary>
    public static SettingsList<GeneralSettings> General { get; } = new("General",
    [
        new TextSetting<GeneralSettings>(
            s => s.CompanyName, GeneralSettings.CompanyNameLength, () => Texts.Configuration_CompanyName,
            refusal: () => Phrase.Of(Texts.Configuration_CompanyNameInvalid, GeneralSettings.CompanyNameLength)),
        new PublicAddressSetting(() => Texts.Configuration_PublicAddress) { Hint = () => Texts.Configuration_PublicAddressHint },
        new ColourSetting<GeneralSettings>(s => s.AccentColour, () => Texts.Configuration_Accent) { Hint = () => Texts.Configuration_AccentHint },
    ]);

    /// <summary>How people sign in and when an account locks.</summary>
    public static SettingsList<SecuritySettings> Security { get; } = new("Security",
    [
        new ChoiceSetting<SecuritySettings, MustUseMfa>(s => s.WhoMustUseMfa, () => Texts.Configuration_MustUseMfa, Name)
            { Hint = () => Texts.Configuration_MustUseMfaHint },
        new NumberSetting<SecuritySettings>(s => s.MfaSetupDays, 0..MfaRule.MostDays, () => Texts.Configuration_MfaSetupDays)
            { Hint = () => Texts.Configuration_MfaSetupDaysHint },
        new NumberSetting<SecuritySettings>(s => s.AttemptsBeforeLock, 1..100, () => Texts.Configuration_Attempts)
            { Hint = () => Texts.Configuration_AttemptsHint },
        new NumberSetting<SecuritySettings>(s => s.LockMinutes, 0..1440, () => Texts.Configuration_LockMinutes)
            { Hint = () => Texts.Configuration_LockMinutesHint },
        new NumberSetting<SecuritySettings>(s => s.SessionTimeoutMinutes, 1..1440, () => Texts.Configuration_SessionTimeout)
            { Hint = () => Texts.Configuration_SessionTimeoutHint },
        new NumberSetting<SecuritySettings>(s => s.LostDeviceLinkMinutes, 5..1440, () => Texts.Configuration_LostDeviceLink),
        new NumberSetting<SecuritySettings>(s => s.LostDeviceWaitHours, 0..72, () => Texts.Configuration_LostDeviceWait)
            { Hint = () => Texts.Configuration_LostDeviceWaitHint },
        new NumberSetting<SecuritySettings>(s => s.RecoveryHoldHours, 0..168, () => Texts.Configuration_RecoveryHold)
            { Hint = () => Texts.Configuration_RecoveryHoldHint },
    ]);

    /// <summary>The mail server. Its password is in no list (<see cref="MailEdit"/>).</summary>
    public static SettingsList<MailSettings> Mail { get; } = new("Mail",
    [
        new TextSetting<MailSettings>(
            s => s.Host, MailSettings.HostLength, () => Texts.Configuration_MailHost, refusal: () => Texts.Configuration_MailHostInvalid)
            { MayBeEmpty = true, MustBe = IsHost, Hint = () => Texts.Configuration_MailHostHint },
        new NumberSetting<MailSettings>(s => s.Port, 1..65535, () => Texts.Configuration_MailPort)
            { Hint = () => Texts.Configuration_MailPortHint },
        new ChoiceSetting<MailSettings, SmtpSecurity>(s => s.Security, () => Texts.Configuration_MailSecurity, Name)
            { Hint = () => Texts.Configuration_MailSecurityHint },
        new TextSetting<MailSettings>(
            s => s.From, AccountName.EmailLength, () => Texts.Configuration_MailFrom, refusal: () => Texts.Configuration_MailFromInvalid)
            { MayBeEmpty = true, MustBe = AccountName.IsValidEmail, Hint = () => Texts.Configuration_MailFromHint },
        new TextSetting<MailSettings>(
            s => s.Username, MailSettings.UsernameLength, () => Texts.Configuration_MailUsername,
            refusal: () => Phrase.Of(Texts.Controls_TooLong, MailSettings.UsernameLength))
            { MayBeEmpty = true, Hint = () => Texts.Configuration_MailUsernameHint },
    ]);

    /// <summary>The settings of the block Mail that this node's configuration leaves to the page.</summary>
    internal static SettingsList<MailSettings> MailUnder(MailOptions configured) =>
        configured.Smtp is not null ? Mail with { Settings = [] }
        : configured.From is not null ? Mail.Without(nameof(MailSettings.From))
        : Mail;

    /// <summary>The name of a kind of protection in the current language.</summary>
    internal static string Name(SmtpSecurity security) => security switch
    {
        SmtpSecurity.None => Texts.Configuration_MailSecurityNone,
        SmtpSecurity.StartTls => Texts.Configuration_MailSecurityStartTls,
        _ => Texts.Configuration_MailSecurityTls,
    };

    /// <summary>Who must use MFA, in the current language.</summary>
    internal static string Name(MustUseMfa who) => who switch
    {
        MustUseMfa.SystemAdministrators => Texts.Configuration_MustUseMfaAdministrators,
        MustUseMfa.Everyone => Texts.Configuration_MustUseMfaEveryone,
        _ => Texts.Configuration_MustUseMfaNobody,
    };

    /// <summary>Whether it is the name or the number of a machine, without a scheme, a port or a path.</summary>
    private static bool IsHost(string text) => Uri.CheckHostName(text) is not (UriHostNameType.Unknown or UriHostNameType.Basic);

    /// <summary>The rules for new passwords. ASVS 6.2.1 requires at least 8 characters, and 6.2.9 that 64 are possible.</summary>
    public static SettingsList<PasswordPolicySettings> PasswordPolicy { get; } = new("Password policy",
    [
        new NumberSetting<PasswordPolicySettings>(s => s.MinimumLength, 8..64, () => Texts.Configuration_MinimumLength)
            { Hint = () => Texts.Configuration_MinimumLengthHint },
        new TickSetting<PasswordPolicySettings>(s => s.RequireUpperAndLower, () => Texts.Configuration_UpperAndLower) { Group = MustContain },
        new TickSetting<PasswordPolicySettings>(s => s.RequireDigit, () => Texts.Configuration_Digit) { Group = MustContain },
        new TickSetting<PasswordPolicySettings>(s => s.RequireSymbol, () => Texts.Configuration_Symbol) { Group = MustContain },
        new TickSetting<PasswordPolicySettings>(s => s.RefuseCommon, () => Texts.Configuration_Common) { Group = Refuse },
        new TickSetting<PasswordPolicySettings>(s => s.RefuseOwnNames, () => Texts.Configuration_OwnNames) { Group = Refuse },
    ]);
}
