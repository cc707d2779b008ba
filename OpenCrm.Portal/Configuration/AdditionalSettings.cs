using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// Reads and saves the blocks of Additional Settings (spec 4): for system administrators with a fresh proof (spec 3.5), validated, audited, and never over somebody else's
/// unseen change.
/// </summary>
public sealed class AdditionalSettings(UnitsOfWork units, Callers callers, PublicAddress address, MfaSwitch mfaSwitch)
{
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<CurrentSettings> ReadAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await callers.AdministratorAsync(work, cancel);
        return new(
            await work.SettingsAsync<GeneralSettings>(cancel),
            await work.SettingsAsync<SecuritySettings>(cancel),
            await work.SettingsAsync<PasswordPolicySettings>(cancel),
            address.Configured);
    }

    /// <summary>For the hint beside the MFA switch; apart from <see cref="ReadAsync"/>, so that the page need not wait for it.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<EnrolmentCount> CountEnrolmentsAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await callers.AdministratorAsync(work, cancel);
        var users = work.Query<PortalUser>();
        return new(
            await users.Where(u => u.TwoFactorEnabled).Take(EnrolmentCount.Bound + 1).CountAsync(cancel),
            await users.Take(EnrolmentCount.Bound + 1).CountAsync(cancel));
    }

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<SettingsOutcome> SaveAsync(GeneralEdit edit, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await callers.AdministratorAsync(work, cancel);
        var stored = await work.SettingsAsync<GeneralSettings>(cancel);
        var company = edit.CompanyName.Trim();
        // What is configured on the server wins; the stored address stays for the day when it is not configured any more.
        var url = address.Configured is null ? edit.PublicUrl.Trim().TrimEnd('/') : stored.TypedPublicUrl ?? "";
        List<SettingsField> faults = [];
        if (!IsCompanyName(company)) faults.Add(SettingsField.CompanyName);
        if (!IsPublicUrl(url, stored.PublicUrl)) faults.Add(SettingsField.PublicUrl);
        if (faults.Count > 0) return new SettingsOutcome.Invalid(faults);
        if (Against(stored, edit.Version, administrator, work.Now) is { } against) return against;

        var changes = new Changes(work, administrator, "General");
        changes.Note(nameof(stored.CompanyName), stored.CompanyName, stored.CompanyName = company);
        // It waits until it is known to work (spec 4.2), the first one too: until then this machine's own address is in use. Going back to the one in use calls it off.
        changes.Note(nameof(stored.PendingPublicUrl), stored.PendingPublicUrl, stored.PendingPublicUrl = url.Length == 0 || url == stored.PublicUrl ? null : url);
        work.AfterCommit(address.Forget);
        return await SaveAsync(work, stored, edit.Version, administrator, cancel);
    }

    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<SettingsOutcome> SaveAsync(PasswordPolicyEdit edit, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await callers.AdministratorAsync(work, cancel);
        if (edit.MinimumLength is not (>= PasswordPolicySettings.MinMinimumLength and <= PasswordPolicySettings.MaxMinimumLength) || edit.MinimumLength is not { } length)
            return new SettingsOutcome.Invalid([SettingsField.MinimumLength]);

        var stored = await work.SettingsAsync<PasswordPolicySettings>(cancel);
        if (Against(stored, edit.Version, administrator, work.Now) is { } against) return against;

        var changes = new Changes(work, administrator, "Password policy");
        changes.Note(nameof(stored.MinimumLength), stored.MinimumLength, stored.MinimumLength = length);
        changes.Note(nameof(stored.RequireUpperAndLower), stored.RequireUpperAndLower, stored.RequireUpperAndLower = edit.RequireUpperAndLower);
        changes.Note(nameof(stored.RequireDigit), stored.RequireDigit, stored.RequireDigit = edit.RequireDigit);
        changes.Note(nameof(stored.RequireSymbol), stored.RequireSymbol, stored.RequireSymbol = edit.RequireSymbol);
        changes.Note(nameof(stored.RefuseCommon), stored.RefuseCommon, stored.RefuseCommon = edit.RefuseCommon);
        changes.Note(nameof(stored.RefuseOwnNames), stored.RefuseOwnNames, stored.RefuseOwnNames = edit.RefuseOwnNames);
        return await SaveAsync(work, stored, edit.Version, administrator, cancel);
    }

    /// <param name="answer">Null at first; then what was answered to <see cref="SettingsOutcome.ConfirmationNeeded"/>.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<SettingsOutcome> SaveAsync(SecurityEdit edit, MfaSwitchAnswer? answer = null, CancellationToken cancel = default)
    {
        var (refused, question) = await JudgeAsync(edit, cancel);
        if (refused is not null) return refused;
        if (question is not null && answer is null) return new SettingsOutcome.ConfirmationNeeded(question);
        // Before the transaction: wrong answers are counted and committed whatever becomes of the settings.
        if (question is not null && await mfaSwitch.ProveAsync(question, answer!, cancel) is var proof and not StepUpOutcome.Proved)
            return new SettingsOutcome.NotProved(proof, proof is StepUpOutcome.Refused { Refusal: Refusal.LockedOut } ? question : await QuestionAsync(edit, cancel));

        await using var work = await units.BeginAsync(cancel);
        var administrator = await callers.AdministratorAsync(work, cancel);
        var stored = await work.SettingsAsync<SecuritySettings>(cancel);
        if (stored.Version != edit.Version) return new SettingsOutcome.SavedMeanwhile(stored);
        if (stored.MfaEnabled != edit.MfaEnabled)
        {
            // The proof is judged in the transaction that acts; the question only says what to ask.
            if (!administrator.ProvedRecently(work.Now))
                return new SettingsOutcome.ConfirmationNeeded(await mfaSwitch.QuestionAsync(work, edit.MfaEnabled, administrator, cancel));
            if (!await work.Enrolments.HoldSwitchAsync(stored.MfaEnabled, cancel))
                return new SettingsOutcome.SavedMeanwhile(await work.SettingsAsync<SecuritySettings>(cancel));
            stored.MfaEnabled = edit.MfaEnabled;
            if (edit.MfaEnabled) await mfaSwitch.OnAsync(work, administrator, ownCodeProved: question?.AskCode == true, cancel);
            else await MfaSwitch.OffAsync(work, administrator, answer!.Erase, cancel);
        }
        else if (!administrator.ProvedRecently(work.Now)) return new SettingsOutcome.StepUpNeeded();
        var changes = new Changes(work, administrator, "Security");
        changes.Note(nameof(stored.AttemptsBeforeLock), stored.AttemptsBeforeLock, stored.AttemptsBeforeLock = edit.AttemptsBeforeLock!.Value);
        changes.Note(nameof(stored.LockMinutes), stored.LockMinutes, stored.LockMinutes = edit.LockMinutes!.Value);
        changes.Note(nameof(stored.SessionTimeoutMinutes), stored.SessionTimeoutMinutes, stored.SessionTimeoutMinutes = edit.SessionTimeoutMinutes!.Value);
        changes.Note(nameof(stored.LostDeviceLinkMinutes), stored.LostDeviceLinkMinutes, stored.LostDeviceLinkMinutes = edit.LostDeviceLinkMinutes!.Value);
        return await SaveAsync(work, stored, edit.Version, administrator, cancel);
    }

    /// <summary>What stands against the edit, or what it asks first; both null: it may be saved.</summary>
    private async Task<(SettingsOutcome? Refused, MfaSwitchQuestion? Question)> JudgeAsync(SecurityEdit edit, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        var administrator = await callers.AdministratorAsync(work, cancel);
        if (Faults(edit) is { Count: > 0 } faults) return (new SettingsOutcome.Invalid(faults), null);
        var stored = await work.SettingsAsync<SecuritySettings>(cancel);
        if (stored.Version != edit.Version) return (new SettingsOutcome.SavedMeanwhile(stored), null);
        if (stored.MfaEnabled == edit.MfaEnabled) return (null, null);
        var question = await mfaSwitch.QuestionAsync(work, edit.MfaEnabled, administrator, cancel);
        return (null, question is { On: true, Enrolments: 0, AskPassword: false } ? null : question);
    }

    /// <summary>
    /// What stands against saving on top of this version, judged in the transaction that acts; null: nothing. Somebody else's save is told before anybody is asked who it is.
    /// </summary>
    private static SettingsOutcome? Against(ISettingsBlock stored, int version, Caller.Person administrator, DateTimeOffset now) =>
        stored.Version != version ? new SettingsOutcome.SavedMeanwhile(stored) : administrator.ProvedRecently(now) ? null : new SettingsOutcome.StepUpNeeded();

    private static List<SettingsField> Faults(SecurityEdit edit)
    {
        List<SettingsField> faults = [];
        if (edit.AttemptsBeforeLock is not (>= SecuritySettings.MinAttempts and <= SecuritySettings.MaxAttempts)) faults.Add(SettingsField.AttemptsBeforeLock);
        if (edit.LockMinutes is not (>= SecuritySettings.MinLockMinutes and <= SecuritySettings.MaxLockMinutes)) faults.Add(SettingsField.LockMinutes);
        if (edit.SessionTimeoutMinutes is not (>= SecuritySettings.MinSessionTimeoutMinutes and <= SecuritySettings.MaxSessionTimeoutMinutes))
            faults.Add(SettingsField.SessionTimeoutMinutes);
        if (edit.LostDeviceLinkMinutes is not (>= SecuritySettings.MinLostDeviceLinkMinutes and <= SecuritySettings.MaxLostDeviceLinkMinutes))
            faults.Add(SettingsField.LostDeviceLinkMinutes);
        return faults;
    }

    private async Task<MfaSwitchQuestion> QuestionAsync(SecurityEdit edit, CancellationToken cancel)
    {
        await using var work = await units.ReadAsync(cancel);
        return await mfaSwitch.QuestionAsync(work, edit.MfaEnabled, await callers.AdministratorAsync(work, cancel), cancel);
    }

    private async Task<SettingsOutcome> SaveAsync<T>(UnitOfWork work, T changed, int version, Caller.Person administrator, CancellationToken cancel)
        where T : class, ISettingsBlock
    {
        // Held to what the page showed, not to what was read a moment ago: else the other's save would be overwritten unseen.
        changed.Version = version;
        work.SaveSettings(changed, administrator.Name);
        return await work.TryCommitAsync(cancel) is CommitOutcome.SavedMeanwhile
            ? new SettingsOutcome.SavedMeanwhile(await StoredAsync<T>(cancel))
            : new SettingsOutcome.Saved(changed);
    }

    private async Task<T> StoredAsync<T>(CancellationToken cancel) where T : class, ISettingsBlock
    {
        await using var work = await units.ReadAsync(cancel);
        return await work.SettingsAsync<T>(cancel);
    }

    private static bool IsCompanyName(string name) => name.Length is > 0 and <= GeneralSettings.CompanyNameLength && IncomingText.IsLine(name);

    /// <summary>None is accepted only where there has been none: links in mails need one.</summary>
    private static bool IsPublicUrl(string url, string? stored) => url.Length == 0 ? stored is null : PublicAddress.IsValid(url);

    /// <summary>One audit event for each setting that changes (spec 4.4).</summary>
    private sealed class Changes(UnitOfWork work, Caller.Person by, string block)
    {
        public void Note<T>(string setting, T old, T now)
        {
            if (!Equals(old, now))
                work.Record(new AuditEvent.SettingChanged(block, setting, Text(old), Text(now)), by);
        }

        private static string? Text<T>(T value) => Convert.ToString(value, CultureInfo.InvariantCulture);
    }
}
