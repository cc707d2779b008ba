using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Configuration;

/// <summary>The three blocks as they are stored at the moment.</summary>
/// <param name="ConfiguredPublicUrl"><c>Portal:PublicUrl</c>, if configured: it wins, and the field is read-only.</param>
public sealed record CurrentSettings(GeneralSettings General, SecuritySettings Security, PasswordPolicySettings PasswordPolicy, string? ConfiguredPublicUrl);

/// <summary>A block as typed. Settings that nothing was typed for stay as they are stored.</summary>
/// <param name="Version">Of the stored block that it is saved on top of (spec 4.4).</param>
/// <param name="Typed">What was typed, by the settings' names.</param>
public sealed record BlockEdit<TBlock>(SettingsList<TBlock> List, int Version, IReadOnlyDictionary<string, string> Typed) where TBlock : class, ISettingsBlock
{
    /// <summary>The edit without one of its settings, which stays as it is stored.</summary>
    public BlockEdit<TBlock> Without(string name) => this with { List = List.Without(name) };

    /// <summary>The settings, by name, for which something was typed that they do not accept.</summary>
    public IReadOnlyList<string> Faults(TBlock stored) =>
        [.. from setting in List.Settings where Typed.TryGetValue(setting.Name, out var typed) && !setting.Accepts(typed, stored) select setting.Name];

    /// <summary>Puts what was typed, and accepted, into the block, with one audit event for each setting that changes (spec 4.4).</summary>
    internal void Put(UnitOfWork work, TBlock stored, Caller.Person by)
    {
        foreach (var setting in List.Settings)
        {
            if (!Typed.TryGetValue(setting.Name, out var typed)) continue;
            var old = setting.Audited(stored);
            setting.Put(stored, typed);
            if (setting.Audited(stored) is var now && now != old) work.Record(new AuditEvent.SettingChanged(List.Block, setting.Name, old, now), by);
        }
        // Held to what the page showed, not to what was read a moment ago: else the other's save would be overwritten unseen.
        stored.Version = Version;
        work.SaveSettings(stored, by.Name);
    }
}

/// <summary>The block Security Settings as typed, and which way the MFA switch is to stand.</summary>
public sealed record SecurityEdit(BlockEdit<SecuritySettings> Settings, bool MfaEnabled);

/// <summary>How many users have MFA, of how many.</summary>
/// <param name="Enrolled">Counted up to one more than <see cref="Bound"/>: more is not worth a second at a million users.</param>
public sealed record EnrolmentCount(int Enrolled, int Users)
{
    public const int Bound = 1000;
}
