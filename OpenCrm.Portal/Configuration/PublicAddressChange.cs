using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// Takes a changed public address into use once it is known to work (docs/spec.md 4.2): once a system administrator has opened a page there. Until
/// then the old one stays in use, so that a typing error locks nobody out.
/// </summary>
public sealed partial class PublicAddressChange(
    UnitsOfWork units, CurrentCaller currentCaller, PublicAddress address, ClientConnection connection, ILogger<PublicAddressChange> log)
{
    /// <summary>
    /// Takes the waiting address into use if this circuit's browser has loaded the page from it. It is one statement: of several pages and nodes only
    /// one succeeds, and a newer edit is not overwritten. Nobody asked for this, so a failure is only logged for the operator, and the next page at
    /// that address tries again.
    /// </summary>
    /// <returns>The block as it is stored now; null if nothing changed.</returns>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<GeneralSettings?> TakeOverAsync(CancellationToken cancel = default)
    {
        try
        {
            return await TryTakeOverAsync(cancel);
        }
        catch (Exception broken) when (broken is not AccessRefusedException)
        {
            LogNotTakenOver(log, broken);
            return null;
        }
    }

    /// <summary>Sets the address at once, from the server's command line, for when a wrong address is in use already.</summary>
    /// <returns>How it ended.</returns>
    public async Task<PublicAddressOutcome> SetAsync(Caller.Console by, string url, CancellationToken cancel = default)
    {
        if (address.Configured is { } configured) return new PublicAddressOutcome.Configured(configured);
        url = url.Trim().TrimEnd('/');
        if (!PublicAddress.IsValid(url)) return new PublicAddressOutcome.Invalid();
        await using var work = await units.BeginAsync(cancel);
        var stored = await work.ReadSettingsAsync<GeneralSettings>(cancel);
        if (stored.PublicUrl == url && stored.PendingPublicUrl is null) return new PublicAddressOutcome.NothingToDo(url);
        if (!await UseAsync(work, stored, url, "the console", cancel)) return new PublicAddressOutcome.SavedMeanwhile();
        work.Record(new AuditEvent.SettingChanged(SettingsLists.General.Block, nameof(GeneralSettings.PublicUrl), stored.PublicUrl, url), by);
        work.AfterCommit(address.Forget);
        await work.CommitAsync(cancel);
        return new PublicAddressOutcome.Set(url);
    }

    private async Task<GeneralSettings?> TryTakeOverAsync(CancellationToken cancel)
    {
        await using (var look = await units.ReadAsync(cancel))
        {
            await currentCaller.RequireAdministratorAsync(look, cancel);
            if (Waiting(await look.ReadSettingsAsync<GeneralSettings>(cancel)) is null) return null;
        }
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var stored = await work.ReadSettingsAsync<GeneralSettings>(cancel);
        if (Waiting(stored) is not { } url || !await UseAsync(work, stored, url, administrator.Name, cancel)) return null;
        work.Record(
            new AuditEvent.SettingChanged(SettingsLists.General.Block, nameof(GeneralSettings.PublicUrl), stored.PublicUrl, url), administrator);
        var now = await work.ReadSettingsAsync<GeneralSettings>(cancel);
        work.AfterCommit(address.Forget);
        await work.CommitAsync(cancel);
        return now;
    }

    private string? Waiting(GeneralSettings stored) =>
        address.Of(stored).Waiting is { } url && connection.Origin is { } origin && PublicAddress.IsSameOrigin(url, origin) ? url : null;

    private static async Task<bool> UseAsync(UnitOfWork work, GeneralSettings stored, string url, string savedBy, CancellationToken cancel) =>
        await work.Query<GeneralSettings>().Where(s => s.Version == stored.Version).ExecuteUpdateAsync(set => set
            .SetProperty(s => s.PublicUrl, url)
            .SetProperty(s => s.PendingPublicUrl, (string?)null)
            .SetProperty(s => s.Version, s => s.Version + 1)
            .SetProperty(s => s.SavedAt, work.Now)
            .SetProperty(s => s.SavedBy, savedBy), cancel) == 1;

    [LoggerMessage(LogLevel.Error,
        "The public address that waits could not be taken into use; the next page that a system administrator opens there tries again")]
    private static partial void LogNotTakenOver(ILogger log, Exception broken);
}

/// <summary>How setting the public address from the command line ended: a closed set.</summary>
public abstract record PublicAddressOutcome
{
    private PublicAddressOutcome() { }

    public sealed record Set(string Url) : PublicAddressOutcome;

    public sealed record NothingToDo(string Url) : PublicAddressOutcome;

    /// <summary>The address cannot work: it must be https without a path; plain http works on this machine only.</summary>
    public sealed record Invalid : PublicAddressOutcome;

    /// <summary><c>Portal:PublicUrl</c> is configured and wins over whatever is stored.</summary>
    public sealed record Configured(string Url) : PublicAddressOutcome;

    /// <summary>Another save of the block came at the same moment.</summary>
    public sealed record SavedMeanwhile : PublicAddressOutcome;
}
