using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>The block General while it is edited: its settings, and the logo, which is chosen as a file.</summary>
/// <param name="list">The settings that the configuration leaves to the page.</param>
public sealed class GeneralDraft(SettingsList<GeneralSettings> list, GeneralSettings stored) : BlockDraft<GeneralSettings>(list, stored)
{
    private LogoPicture? _chosen;

    /// <summary>The hash of the logo to save; empty for none.</summary>
    public EditedField<string> LogoHash { get; } = new(stored.LogoHash ?? "");

    /// <summary>The address of the logo to show, which is the picture itself before it is saved; null for none.</summary>
    public string? LogoAddress =>
        LogoHash.Typed.Length == 0 ? null
        : Chosen is { } logo ? $"data:{logo.ContentType};base64,{Convert.ToBase64String(logo.Bytes)}"
        : PortalUrls.Logo(LogoHash.Typed);

    /// <summary>Why the file that was chosen last is not taken; null if it is, or if none was.</summary>
    public LogoFileOutcome? LogoRefused { get; private set; }

    public override IReadOnlyList<EditedField> Fields => [.. base.Fields, LogoHash];

    /// <summary>The block as typed at this moment, with the logo.</summary>
    public GeneralEdit WithLogo => new(
        Version, Edit.Typed, LogoHash.IsChanged ? Chosen : null, RemoveLogo: LogoHash.IsChanged && LogoHash.Typed.Length == 0);

    /// <summary>The logo that was chosen here and is not stored yet; null if none was, or if it was given up.</summary>
    public LogoPicture? Chosen => _chosen is { } logo && logo.Hash == LogoHash.Typed ? logo : null;

    /// <summary>Takes over what came of a chosen file. A refused one changes nothing.</summary>
    public void Choose(LogoFileOutcome outcome)
    {
        LogoRefused = outcome is LogoFileOutcome.Read ? null : outcome;
        if (outcome is LogoFileOutcome.Read { Logo: var logo }) (_chosen, LogoHash.Typed) = (logo, logo.Hash);
    }

    public void RemoveLogo() => (LogoHash.Typed, LogoRefused) = ("", null);

    public override void Discard()
    {
        base.Discard();
        LogoRefused = null;
    }

    protected override void Take(ISettingsBlock now, bool rebase)
    {
        base.Take(now, rebase);
        LogoRefused = null;
        if (rebase) LogoHash.Rebase(Stored.LogoHash ?? "");
        else LogoHash.Reset(Stored.LogoHash ?? "");
    }
}
