using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// Reads and saves the blocks of Additional Settings (docs/spec.md 4): for system administrators with a fresh proof, validated, audited, and never
/// over another administrator's change that this one has not seen. <see cref="MfaSwitch"/> saves the MFA switch.
/// </summary>
public sealed class AdditionalSettings(UnitsOfWork units, CurrentCaller currentCaller, PublicAddress address, MailOptions mail)
{
    /// <summary>Reads all blocks as they are stored.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<CurrentSettings> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        return new(
            await work.ReadSettingsAsync<GeneralSettings>(cancel),
            await work.ReadSettingsAsync<SecuritySettings>(cancel),
            await work.ReadSettingsAsync<PasswordPolicySettings>(cancel),
            await work.ReadSettingsAsync<MailSettings>(cancel),
            address.Configured,
            ConfiguredMail.Of(mail),
            mail.From);
    }

    /// <summary>Saves the block General.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<SettingsOutcome> SaveAsync(BlockEdit<GeneralSettings> edit, CancellationToken cancel = default)
    {
        // An address in the server's configuration wins. The stored one stays for the day when none is configured any more.
        var list = address.Configured is null ? SettingsLists.General : SettingsLists.General.Without(nameof(GeneralSettings.PendingPublicUrl));
        var outcome = await SaveAsync(list, edit, cancel);
        if (outcome is SettingsOutcome.Saved) address.Forget();
        return outcome;
    }

    /// <summary>Draws the logo anew from an uploaded file. Nothing is saved: the block is, with the logo in its edit.</summary>
    /// <param name="file">The file's content; of one that is too large, enough to see that it is.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<LogoFileOutcome> ReadLogoAsync(ReadOnlyMemory<byte> file, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        return await LogoFile.ReadAsync(file, Guid.CreateVersion7(work.Now), cancel);
    }

    /// <summary>Saves the block Password Policy Settings.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public Task<SettingsOutcome> SaveAsync(BlockEdit<PasswordPolicySettings> edit, CancellationToken cancel = default) =>
        SaveAsync(SettingsLists.PasswordPolicy, edit, cancel);

    /// <summary>Saves the block Mail. Every node sends the next message by it.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<SettingsOutcome> SaveAsync(MailEdit edit, CancellationToken cancel = default)
    {
        // A mail server in the server's configuration wins, and the page shows no field to type in.
        if (mail.Smtp is null) return await SaveAsync(SettingsLists.MailUnder(mail), edit, cancel);
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        return new SettingsOutcome.Invalid([.. edit.Typed.Keys]);
    }

    private async Task<SettingsOutcome> SaveAsync<TBlock>(SettingsList<TBlock> list, BlockEdit<TBlock> edit, CancellationToken cancel)
        where TBlock : class, ISettingsBlock
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var stored = await work.ReadSettingsAsync<TBlock>(cancel);
        if (edit.Faults(list, stored) is { Count: > 0 } faults) return new SettingsOutcome.Invalid(faults);
        // The conflict is shown before the proof is asked for: nobody types a password for a save that cannot succeed.
        if (stored.Version != edit.Version) return new SettingsOutcome.SavedMeanwhile(stored);
        if (!administrator.ProvedRecently(work.Now)) return new SettingsOutcome.StepUpNeeded();
        await edit.PutAsync(list, work, stored, administrator, cancel);
        return await work.TryCommitAsync(cancel) is CommitOutcome.SavedMeanwhile
            ? new SettingsOutcome.SavedMeanwhile(await units.ReadSettingsAsync<TBlock>(cancel))
            : new SettingsOutcome.Saved(stored);
    }
}
