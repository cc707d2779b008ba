using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Brings the accounts of an older database under today's naming rules before anybody signs in (docs/spec.md 2.7). Where two names now mean one
/// person, the older account keeps the username and the newer one gets another. The portal cannot change an address, so the newer account only stops
/// signing in by it. Everything is one commit, the note that it is done included: a start that is killed leaves nothing half done, and sends no mail
/// twice.
/// </summary>
internal sealed partial class NamesAtStart(UnitsOfWork units, StartLock start, ILogger<NamesAtStart> log) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => CarryOverAsync(cancellationToken);

    /// <exception cref="StartRefusedException">The names could not be converted; nothing was changed.</exception>
    public async Task CarryOverAsync(CancellationToken cancel = default)
    {
        try
        {
            if (await IsDoneAsync(cancel)) return;
            // Checked again while the lock is held: another node may have been quicker.
            await using var held = await start.TakeAsync();
            if (await IsDoneAsync(cancel)) return;
            await using var work = await units.BeginAsync(cancel);
            var settled = await SettleAsync(work, cancel);
            await work.Names.NoteRulesAsync(AccountName.Rules, cancel);
            await work.CommitAsync(cancel);
            if (settled > 0) LogSettled(settled);
        }
        catch (Exception failed) when (failed is DbException or DbUpdateException or TimeoutException)
        {
            throw new StartRefusedException(
                "The usernames in the database could not be brought under the rules of this release, and nothing was changed. "
                + $"Start again; the database says: {failed.Message.ReplaceLineEndings(" ")}");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> IsDoneAsync(CancellationToken cancel) =>
        (await units.ReadSettingsAsync<GeneralSettings>(cancel)).NameRules >= AccountName.Rules;

    /// <returns>How many accounts got another username, or an address that no longer signs in.</returns>
    private static async Task<int> SettleAsync(UnitOfWork work, CancellationToken cancel)
    {
        var changes = (await work.Names.FindBeyondAsciiAsync(cancel)).Select(name => new Change(name)).Where(change => change.IsAny).ToList();
        if (changes.Count == 0) return 0;
        var own = changes.Select(change => change.Before.Id).ToHashSet();
        var others = (await work.Names.FindHoldersAsync(
            [.. changes.Select(change => change.Now.NormalizedUsername)],
            [.. changes.Select(change => change.Now.NormalizedEmail).OfType<string>()], cancel))
            .Where(name => !own.Contains(name.Id)).Select(name => new Change(name, asStored: true));
        List<Change> all = [.. changes.Concat(others).OrderBy(change => change.Before.CreatedAt).ThenBy(change => change.Before.Id)];
        List<Twin> twins = [.. await RenameAsync(work, all, cancel), .. GiveUpAddresses(all)];

        foreach (var change in all.Where(change => change.IsAny)) await work.Names.ClearAsync(change.Before.Id, cancel);
        foreach (var change in all.Where(change => change.IsAny)) await work.Names.WriteAsync(change.Now, cancel);
        foreach (var twin in twins) await TellAsync(work, twin, cancel);
        return twins.Count;
    }

    /// <summary>The oldest account with a name keeps it; each of the others gets a number that is free.</summary>
    private static async Task<List<Twin>> RenameAsync(UnitOfWork work, List<Change> oldestFirst, CancellationToken cancel)
    {
        List<Twin> twins = [];
        var taken = oldestFirst.Select(change => change.Now.NormalizedUsername).ToHashSet(StringComparer.Ordinal);
        var shared = oldestFirst.GroupBy(change => change.Now.NormalizedUsername, StringComparer.Ordinal).Where(named => named.Count() > 1).ToList();
        foreach (var named in shared)
        {
            var keeper = named.First();
            foreach (var twin in named.Skip(1).ToList())
            {
                string username, normalized;
                var number = 2;
                do
                {
                    var suffix = string.Create(CultureInfo.InvariantCulture, $"-{number++}");
                    username = IncomingText.Cut(twin.Before.Username, AccountName.UsernameLength - suffix.Length) + suffix;
                    normalized = AccountName.Normalize(username);
                }
                while (taken.Contains(normalized) || await work.Names.IsTakenAsync(normalized, cancel));
                taken.Add(normalized);
                twin.Now = twin.Now with { Username = username, NormalizedUsername = normalized };
                twins.Add(new(keeper.Before.Id, twin.Before.Id, twin.Before.Username, username));
            }
        }
        return twins;
    }

    /// <summary>
    /// The oldest account with an address signs in by it. The others get a normalized address that nobody can type; mail still goes to the address as
    /// written.
    /// </summary>
    private static List<Twin> GiveUpAddresses(List<Change> oldestFirst)
    {
        List<Twin> twins = [];
        var shared = oldestFirst.Where(change => change.Now.NormalizedEmail is not null)
            .GroupBy(change => change.Now.NormalizedEmail!, StringComparer.Ordinal)
            .Where(named => named.Count() > 1)
            .ToList();
        foreach (var named in shared)
            foreach (var twin in named.Skip(1).ToList())
            {
                var mark = $" {twin.Before.Id}";
                twin.Now = twin.Now with { NormalizedEmail = IncomingText.Cut(named.Key, AccountName.NormalizedLength - mark.Length) + mark };
                twins.Add(new(named.First().Before.Id, twin.Before.Id, twin.Before.Email!, null));
            }
        return twins;
    }

    private static async Task TellAsync(UnitOfWork work, Twin twin, CancellationToken cancel)
    {
        var portal = new Caller.Portal();
        var (keeper, newer) = ((await work.Users.FindAsync(twin.KeeperId, cancel))!, (await work.Users.FindAsync(twin.NewerId, cancel))!);
        var detail = twin.NewUsername is null ? nameof(newer.Email) : "Username";
        work.Record(
            twin.NewUsername is { } username
                ? new AuditEvent.UserChanged(newer.Id, detail, twin.Old, username)
                : new AuditEvent.AddressNoLongerSignsIn(newer.Id, twin.Old),
            portal);
        work.Record(new AuditEvent.TwinFound(keeper.Id, detail, twin.Old, twin.NewUsername ?? ""), portal);
        foreach (var (reader, user) in new[] { ("renamed", newer), ("kept", keeper) })
        {
            if (user.Email is not null)
                work.Queue(new MailDraft.UsernameChanged(MailRecipient.Of(user), reader, newer, keeper, twin.Old, twin.NewUsername, work.Now));
        }
        await work.QueueToAdministratorsAsync(
            administrator => new MailDraft.UsernameChanged(administrator, "administrator", newer, keeper, twin.Old, twin.NewUsername, work.Now),
            cancel);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Accounts whose username or email address means another account by the rules of this release: {Count}. "
            + "The newer ones have another username, or sign in by username only; "
            + "the persons and the system administrators get a mail, and the audit trail names them")]
    private partial void LogSettled(int count);

    /// <summary>An account's names before and after.</summary>
    private sealed class Change(StoredName before, bool asStored = false)
    {
        public StoredName Before { get; } = before;

        public StoredName Now { get; set; } = asStored ? before : before with
        {
            NormalizedUsername = AccountName.Normalize(before.Username),
            NormalizedName = PortalUser.NormalizedNameOf(before.Name),
            NormalizedEmail = before.Email is null ? null : AccountName.Normalize(before.Email),
        };

        public bool IsAny => Now != Before;
    }

    /// <param name="Old">The newer account's old username or address.</param>
    /// <param name="NewUsername">The newer account's new username; null if the two share an address.</param>
    private sealed record Twin(Guid KeeperId, Guid NewerId, string Old, string? NewUsername);
}
