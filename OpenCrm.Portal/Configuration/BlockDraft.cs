using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Configuration;

/// <summary>A block of settings while it is edited. A failed save keeps it, so that nothing typed is lost.</summary>
public abstract class BlockDraft
{
    /// <summary>The version that a save goes on top of (docs/spec.md 4.4).</summary>
    public int Version => Block.Version;

    public string? SavedBy => Block.SavedBy;

    public DateTimeOffset? SavedAt => Block.SavedAt;

    /// <summary>Whether another administrator saved since the page read the block, and nothing was saved here since.</summary>
    public bool SavedMeanwhile { get; private set; }

    /// <summary>The names of the settings whose values the last save did not accept.</summary>
    public IReadOnlyList<string> Faults { get; set; } = [];

    public abstract IReadOnlyList<EditedField> Fields { get; }

    public int Changes => Fields.Count(draft => draft.IsChanged);

    public bool IsChanged => Fields.Any(draft => draft.IsChanged);

    /// <summary>The block as it is stored, as far as this page knows.</summary>
    protected abstract ISettingsBlock Block { get; }

    public virtual void Discard()
    {
        foreach (var draft in Fields) draft.Discard();
        (SavedMeanwhile, Faults) = (false, []);
    }

    /// <summary>Takes over the block as it was saved here.</summary>
    public void Reset(ISettingsBlock now)
    {
        (SavedMeanwhile, Faults) = (false, []);
        Take(now, rebase: false);
    }

    /// <summary>Takes over the block as another administrator saved it. What was typed stays, and the next save goes on top of theirs.</summary>
    public void Rebase(ISettingsBlock theirs)
    {
        (SavedMeanwhile, Faults) = (true, []);
        Take(theirs, rebase: true);
    }

    protected abstract void Take(ISettingsBlock now, bool rebase);
}

/// <inheritdoc />
/// <param name="list">The settings of the block that are edited.</param>
public class BlockDraft<TBlock>(SettingsList<TBlock> list, TBlock stored) : BlockDraft where TBlock : class, ISettingsBlock
{
    /// <summary>The block as it is stored, as far as this page knows.</summary>
    public TBlock Stored { get; private set; } = stored;

    public IReadOnlyList<SettingDraft<TBlock>> Settings { get; } = [.. list.Settings.Select(setting => new SettingDraft<TBlock>(setting, stored))];

    public override IReadOnlyList<EditedField> Fields => [.. Settings.Select(setting => setting.Value)];

    /// <summary>The block as typed at this moment.</summary>
    public BlockEdit<TBlock> Edit => new(Version, Settings.ToDictionary(setting => setting.Name, setting => setting.Value.Typed));

    protected override ISettingsBlock Block => Stored;

    protected override void Take(ISettingsBlock now, bool rebase)
    {
        Stored = (TBlock)now;
        foreach (var setting in Settings) setting.Take(Stored, rebase);
    }
}

/// <summary>One setting while it is edited.</summary>
public sealed class SettingDraft<TBlock>(Setting<TBlock> setting, TBlock stored) where TBlock : class, ISettingsBlock
{
    public Setting<TBlock> Setting => setting;

    public string Name => setting.Name;

    /// <summary>The value as text.</summary>
    public EditedField<string> Value { get; } = new(setting.Text(stored), setting.Same);

    /// <summary>Takes over what is stored now.</summary>
    /// <param name="rebase">True if another administrator saved it: what was typed then stays.</param>
    public void Take(TBlock now, bool rebase)
    {
        if (rebase) Value.Rebase(setting.Text(now));
        else Value.Reset(setting.Text(now));
    }
}

/// <summary>The block Mail while it is edited: its settings, and the password, whose field is empty however often it is read.</summary>
/// <param name="list">The settings that the configuration leaves to the page.</param>
public sealed class MailBlockDraft(SettingsList<MailSettings> list, MailSettings stored) : BlockDraft<MailSettings>(list, stored)
{
    public EditedField<string> Password { get; } = new("");

    public EditedField<bool> Remove { get; } = new(false);

    public override IReadOnlyList<EditedField> Fields => [.. base.Fields, Password, Remove];

    /// <summary>The block as typed at this moment, with the password.</summary>
    public MailEdit WithPassword => new(Version, Edit.Typed, Password.Typed, Remove.Typed);

    protected override void Take(ISettingsBlock now, bool rebase)
    {
        base.Take(now, rebase);
        // What was typed has been saved; after somebody else's save it stays.
        if (rebase) return;
        Password.Reset("");
        Remove.Reset(false);
    }
}

/// <summary>The block Security Settings while it is edited: its settings, and the MFA switch, which is saved with them.</summary>
public sealed class SecurityDraft(SecuritySettings stored) : BlockDraft<SecuritySettings>(SettingsLists.Security, stored)
{
    public SettingDraft<SecuritySettings> Mfa { get; } = new(MfaSwitch.Tick, stored);

    public override IReadOnlyList<EditedField> Fields => [Mfa.Value, .. base.Fields];

    /// <summary>The block as typed at this moment, with the switch.</summary>
    public SecurityEdit WithMfa => new(Edit, OnOff.IsOn(Mfa.Value.Typed));

    protected override void Take(ISettingsBlock now, bool rebase)
    {
        base.Take(now, rebase);
        Mfa.Take(Stored, rebase);
    }
}
