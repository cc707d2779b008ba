using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Configuration;

/// <summary>The blocks as they are stored.</summary>
/// <param name="ConfiguredPublicUrl"><c>Portal:PublicUrl</c> if configured; it wins, and the field is then read-only.</param>
/// <param name="ConfiguredMail">The mail server of the configuration; it wins, and the block Mail is then read-only. Null if none is.</param>
/// <param name="ConfiguredFrom"><c>Mail:From</c> if configured.</param>
public sealed record CurrentSettings(
    GeneralSettings General, SecuritySettings Security, PasswordPolicySettings PasswordPolicy, MailSettings Mail,
    string? ConfiguredPublicUrl, ConfiguredMail? ConfiguredMail, string? ConfiguredFrom);

/// <summary>The mail server of the server's configuration, without its password.</summary>
public sealed record ConfiguredMail(string Host, int Port, SmtpSecurity Security, string? Username, bool HasPassword, string? From)
{
    internal static ConfiguredMail? Of(MailOptions options) => options.Smtp is { } smtp
        ? new(smtp.Host, smtp.Port, smtp.Security, smtp.Username, !string.IsNullOrEmpty(smtp.Password), options.From)
        : null;
}

/// <summary>A block as typed. Settings without a typed text stay as they are stored.</summary>
/// <param name="Version">The version of the stored block that this edit is saved on top of (docs/spec.md 4.4).</param>
/// <param name="Typed">The typed texts by the names of their settings.</param>
public record BlockEdit<TBlock>(int Version, IReadOnlyDictionary<string, string> Typed) where TBlock : class, ISettingsBlock
{
    /// <summary>The names of the settings that do not accept what was typed.</summary>
    /// <param name="list">The settings that may be edited: the service's own list, never the page's.</param>
    internal virtual IReadOnlyList<string> Faults(SettingsList<TBlock> list, TBlock stored) =>
        [.. from setting in list.Settings
            where Typed.TryGetValue(setting.Name, out var typed) && !setting.Accepts(typed, stored)
            select setting.Name];

    /// <summary>Writes the typed and accepted texts into the block, with one audit event for each setting that changes.</summary>
    internal virtual Task PutAsync(SettingsList<TBlock> list, UnitOfWork work, TBlock stored, Caller.Person by, CancellationToken cancel)
    {
        foreach (var setting in list.Settings)
        {
            if (!Typed.TryGetValue(setting.Name, out var typed)) continue;
            var old = setting.Audited(stored);
            setting.Put(stored, typed);
            if (setting.Audited(stored) is var now && now != old) work.Record(new AuditEvent.SettingChanged(list.Block, setting.Name, old, now), by);
        }
        // The version is the one that the page showed, not the one just read: otherwise another administrator's save would be overwritten unseen.
        stored.Version = Version;
        work.SaveSettings(stored, by.Name);
        return Task.CompletedTask;
    }
}

/// <summary>The block Security Settings as typed, with the wanted state of the MFA switch.</summary>
public sealed record SecurityEdit(BlockEdit<SecuritySettings> Settings, bool MfaEnabled)
{
    /// <summary>The rule about who must use MFA, as it is once this is saved. The typed texts must be accepted.</summary>
    internal MfaRule RuleOver(SecuritySettings stored)
    {
        var typed = new SecuritySettings { MfaEnabled = MfaEnabled, WhoMustUseMfa = stored.WhoMustUseMfa, MfaSetupDays = stored.MfaSetupDays };
        foreach (var setting in SettingsLists.Security.Settings)
            if (Settings.Typed.TryGetValue(setting.Name, out var text)) setting.Put(typed, text);
        return MfaRule.Of(typed);
    }
}

/// <summary>How many users there are, and how many of them have MFA.</summary>
/// <param name="Enrolled">Counted up to one more than <see cref="Bound"/>: with a million users an exact number is not worth the time.</param>
public sealed record EnrolmentCount(int Enrolled, int Users)
{
    public const int Bound = 1000;
}
