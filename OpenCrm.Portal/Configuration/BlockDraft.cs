using System.Globalization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Configuration;

/// <summary>A block while it is edited. It outlives a failed save, so that nothing typed is lost.</summary>
public abstract class BlockDraft
{
    /// <summary>The version that a save goes on top of (spec 4.4).</summary>
    public int Version { get; private set; }

    public string? SavedBy { get; private set; }

    public DateTimeOffset? SavedAt { get; private set; }

    /// <summary>Somebody else saved since the page read the block, and nothing was saved here since.</summary>
    public bool SavedMeanwhile { get; private set; }

    /// <summary>What is wrong in which field, from the last save.</summary>
    public IReadOnlyList<SettingsField> Faults { get; set; } = [];

    public abstract IReadOnlyList<Draft> Fields { get; }

    public int Changes => Fields.Count(draft => draft.IsChanged);

    public bool IsChanged => Fields.Any(draft => draft.IsChanged);

    public void Discard()
    {
        foreach (var draft in Fields) draft.Discard();
        (SavedMeanwhile, Faults) = (false, []);
    }

    /// <summary>Takes the block as it was saved here.</summary>
    public void Reset(ISettingsBlock now)
    {
        Note(now, meanwhile: false);
        Take(now, rebase: false);
    }

    /// <summary>Takes the block as somebody else saved it; what was typed stays and is saved on top of it next time.</summary>
    public void Rebase(ISettingsBlock theirs)
    {
        Note(theirs, meanwhile: true);
        Take(theirs, rebase: true);
    }

    protected abstract void Take(ISettingsBlock now, bool rebase);

    protected static void Take<T>(Draft<T> draft, T now, bool rebase) where T : notnull
    {
        if (rebase) draft.Rebase(now);
        else draft.Reset(now);
    }

    protected void Note(ISettingsBlock block, bool meanwhile) =>
        (Version, SavedBy, SavedAt, SavedMeanwhile, Faults) = (block.Version, block.SavedBy, block.SavedAt, meanwhile, []);
}

/// <summary>The block General while it is edited.</summary>
public sealed class GeneralDraft : BlockDraft
{
    public GeneralDraft(GeneralSettings stored)
    {
        (CompanyName, PublicUrl) = (new(stored.CompanyName), new(stored.TypedPublicUrl ?? ""));
        Note(stored, meanwhile: false);
        NoteAddresses(stored);
    }

    public Draft<string> CompanyName { get; }

    public Draft<string> PublicUrl { get; }

    /// <summary>The address in use while another one waits for its first visit (spec 4.2); null while none waits, or while it is this machine's own.</summary>
    public string? StillInUse { get; private set; }

    /// <summary>The address that waits; null = none.</summary>
    public string? Waiting { get; private set; }

    public override IReadOnlyList<Draft> Fields => [CompanyName, PublicUrl];

    public GeneralEdit Edit => new(Version, CompanyName.Typed, PublicUrl.Typed);

    private void NoteAddresses(GeneralSettings stored) => (Waiting, StillInUse) = (stored.PendingPublicUrl, stored.PendingPublicUrl is null ? null : stored.PublicUrl);

    protected override void Take(ISettingsBlock now, bool rebase)
    {
        var block = (GeneralSettings)now;
        Take(CompanyName, block.CompanyName, rebase);
        Take(PublicUrl, block.TypedPublicUrl ?? "", rebase);
        NoteAddresses(block);
    }
}

/// <summary>The block Security Settings while it is edited.</summary>
public sealed class SecurityDraft : BlockDraft
{
    public SecurityDraft(SecuritySettings stored)
    {
        (MfaEnabled, Attempts, LockMinutes) = (new(stored.MfaEnabled), WholeNumber.Draft(stored.AttemptsBeforeLock), WholeNumber.Draft(stored.LockMinutes));
        (SessionTimeoutMinutes, LostDeviceLinkMinutes) = (WholeNumber.Draft(stored.SessionTimeoutMinutes), WholeNumber.Draft(stored.LostDeviceLinkMinutes));
        Note(stored, meanwhile: false);
    }

    public Draft<bool> MfaEnabled { get; }

    public Draft<string> Attempts { get; }

    public Draft<string> LockMinutes { get; }

    public Draft<string> SessionTimeoutMinutes { get; }

    public Draft<string> LostDeviceLinkMinutes { get; }

    public override IReadOnlyList<Draft> Fields => [MfaEnabled, Attempts, LockMinutes, SessionTimeoutMinutes, LostDeviceLinkMinutes];

    public SecurityEdit Edit => new(
        Version, MfaEnabled.Typed, WholeNumber.Parse(Attempts.Typed), WholeNumber.Parse(LockMinutes.Typed),
        WholeNumber.Parse(SessionTimeoutMinutes.Typed), WholeNumber.Parse(LostDeviceLinkMinutes.Typed));

    protected override void Take(ISettingsBlock now, bool rebase)
    {
        var block = (SecuritySettings)now;
        Take(MfaEnabled, block.MfaEnabled, rebase);
        Take(Attempts, WholeNumber.Text(block.AttemptsBeforeLock), rebase);
        Take(LockMinutes, WholeNumber.Text(block.LockMinutes), rebase);
        Take(SessionTimeoutMinutes, WholeNumber.Text(block.SessionTimeoutMinutes), rebase);
        Take(LostDeviceLinkMinutes, WholeNumber.Text(block.LostDeviceLinkMinutes), rebase);
    }
}

/// <summary>The block Password Policy Settings while it is edited.</summary>
public sealed class PasswordPolicyDraft : BlockDraft
{
    public PasswordPolicyDraft(PasswordPolicySettings stored)
    {
        MinimumLength = WholeNumber.Draft(stored.MinimumLength);
        (UpperAndLower, Digit, Symbol) = (new(stored.RequireUpperAndLower), new(stored.RequireDigit), new(stored.RequireSymbol));
        (RefuseCommon, RefuseOwnNames) = (new(stored.RefuseCommon), new(stored.RefuseOwnNames));
        Note(stored, meanwhile: false);
    }

    public Draft<string> MinimumLength { get; }

    public Draft<bool> UpperAndLower { get; }

    public Draft<bool> Digit { get; }

    public Draft<bool> Symbol { get; }

    public Draft<bool> RefuseCommon { get; }

    public Draft<bool> RefuseOwnNames { get; }

    public override IReadOnlyList<Draft> Fields => [MinimumLength, UpperAndLower, Digit, Symbol, RefuseCommon, RefuseOwnNames];

    public PasswordPolicyEdit Edit => new(
        Version, WholeNumber.Parse(MinimumLength.Typed), UpperAndLower.Typed, Digit.Typed, Symbol.Typed, RefuseCommon.Typed, RefuseOwnNames.Typed);

    protected override void Take(ISettingsBlock now, bool rebase)
    {
        var block = (PasswordPolicySettings)now;
        Take(MinimumLength, WholeNumber.Text(block.MinimumLength), rebase);
        Take(UpperAndLower, block.RequireUpperAndLower, rebase);
        Take(Digit, block.RequireDigit, rebase);
        Take(Symbol, block.RequireSymbol, rebase);
        Take(RefuseCommon, block.RefuseCommon, rebase);
        Take(RefuseOwnNames, block.RefuseOwnNames, rebase);
    }
}

/// <summary>Whole numbers as people type and paste them: spaces around and inside do not matter, anything else is no number.</summary>
internal static class WholeNumber
{
    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public static int? Parse(string typed)
    {
        // Nobody types more than this; a megabyte is not worth a copy.
        if (typed.Length > 32) return null;
        var digits = string.Concat(typed.Where(c => !char.IsWhiteSpace(c)));
        return digits.Length > 0 && digits.All(char.IsAsciiDigit) && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>A field with this number in it; "5" and " 05" are the same to it.</summary>
    public static Draft<string> Draft(int stored) => new(Text(stored), EqualityComparer<string>.Create(
        (one, other) => one == other || (one is not null && other is not null && Parse(one) is { } number && number == Parse(other)),
        text => Parse(text)?.GetHashCode() ?? text.GetHashCode(StringComparison.Ordinal)));
}
