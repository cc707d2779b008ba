using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users.Import;

/// <summary>
/// Imports the rows of started imports, a batch in a transaction: people, events, invitations, and what became of each row are one commit. So a node
/// that ends in the middle leaves nothing half done, and whichever node comes next goes on. Every node runs one; the import's row, held for each
/// batch, lets only one of them do it.
/// </summary>
internal sealed partial class ImportWorker(
    UnitsOfWork units, SessionEnding sessions, ImportSignal signal, ImportWatch watch, WorkerRounds rounds, TimeProvider time,
    ILogger<ImportWorker> logger) : BackgroundService
{
    /// <summary>Few enough that SQLite's one writer is free again soon; many enough that a company of 20,000 takes seconds on PostgreSQL.</summary>
    internal const int Batch = 200;

    /// <summary>
    /// Twenty invitations a minute. Large mail providers take thirty a minute from one mailbox; the rest is left for links that people wait for.
    /// </summary>
    internal static readonly TimeSpan InvitationGap = TimeSpan.FromSeconds(3);

    /// <summary>How long an import and its rows are kept.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Reading a file takes seconds. After this its node has ended.</summary>
    private static readonly TimeSpan ReadingEnds = TimeSpan.FromHours(1);

    /// <summary>How long an import may go unnoticed if the node on which it was started has ended.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan CleaningInterval = TimeSpan.FromMinutes(10);

    /// <summary>Pause between batches, which lets others use SQLite's one writer.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const string Worker = "user import";

    /// <summary>How many more rows are imported one by one, because a batch failed: the row that fails must not hold up the others.</summary>
    private int _oneByOne;

    /// <summary>The row that is imported by itself now; null while it is a batch, or none is taken yet.</summary>
    private (Guid Import, int Line)? _tried;

    private DateTimeOffset _cleanedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(2));
        using var timer = signal.RaiseEvery(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await AdvanceAsync(stoppingToken) && !stoppingToken.IsCancellationRequested)
                {
                    rounds.CameRound(Worker);
                    watch.Notify();
                    await Task.Delay(Pause, stoppingToken);
                }
                await CleanAsync(stoppingToken);
                rounds.CameRound(Worker);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away; the next round goes on.
                rounds.Failed(Worker, failed);
            }
            await signal.NextAsync(stoppingToken);
        }
    }

    /// <summary>The one event of an import, besides those of each person.</summary>
    internal static AuditEvent.UsersImported Event(UserImport import) => new(import.PeopleCreated, import.PeopleChanged, import.NotImported);

    /// <summary>Imports one batch. If it fails, its rows are imported one by one, and the one that fails again is put aside.</summary>
    /// <returns>Whether there was something to do.</returns>
    internal async Task<bool> AdvanceAsync(CancellationToken cancel)
    {
        var size = _oneByOne > 0 ? 1 : Batch;
        _tried = null;
        try
        {
            var any = await ImportAsync(size, cancel);
            if (_oneByOne > 0) _oneByOne--;
            return any;
        }
        catch (Exception failed) when (!cancel.IsCancellationRequested && !Outage.IsOne(failed, timeouts: false))
        {
            if (size > 1)
            {
                LogBatchFailed(failed.GetBaseException().GetType().Name);
                _oneByOne = Batch;
                return true;
            }
            // A failure that belongs to no row is the round's, which is told and comes again after a pause.
            if (_tried is not { } row) throw;
            await PutAsideAsync(row.Import, row.Line, failed, cancel);
            return true;
        }
    }

    private async Task<bool> ImportAsync(int size, CancellationToken cancel)
    {
        if (await ClaimAsync(cancel) is not var (work, import)) return false;
        await using var _ = work;
        if (await FindOwnerAsync(work, import, cancel) is not var (by, language))
        {
            await EndAsync(work, import, ImportState.WithoutRight, new Caller.Portal(), cancel);
            return true;
        }
        var rows = await Waiting(work, import).OrderBy(r => r.Line).Take(size).ToListAsync(cancel);
        if (rows.Count == 0)
        {
            await EndAsync(work, import, ImportState.Done, by, cancel);
            return true;
        }
        if (size == 1) _tried = (import.Id, rows[0].Line);
        await WriteAsync(work, import, rows, by, language, cancel);
        return true;
    }

    /// <summary>
    /// Begins a unit of work that holds the oldest running import until it ends. What another node holds is skipped, so no worker waits for another.
    /// </summary>
    /// <returns>Null if there is none.</returns>
    private async Task<Claimed?> ClaimAsync(CancellationToken cancel)
    {
        // Usually nothing runs. This first query takes no write lock.
        await using (var look = await units.ReadAsync(cancel))
            if (!await look.Query<UserImport>().AnyAsync(i => i.State == ImportState.Running, cancel)) return null;

        var work = await units.BeginAsync(cancel);
        try
        {
            const int running = (int)ImportState.Running;
            var free = await work.HoldFreeRowsAsync<Guid>(
                $"""
                SELECT "Id" AS "Value" FROM "UserImports" WHERE "State" = {running} ORDER BY "StartedAt", "Id" LIMIT 1 FOR UPDATE SKIP LOCKED
                """, cancel) ?? await work.Query<UserImport>().Where(i => i.State == ImportState.Running)
                    .OrderBy(i => i.StartedAt).ThenBy(i => i.Id).Take(1).Select(i => i.Id).ToListAsync(cancel);
            if (free.Count > 0 && await HoldAsync(work, free[0], cancel))
                return new(work, await work.Query<UserImport>().SingleAsync(i => i.Id == free[0], cancel));
        }
        catch
        {
            await work.DisposeAsync();
            throw;
        }
        await work.DisposeAsync();
        return null;
    }

    /// <summary>The claim: one statement that only a running import passes, and that holds it.</summary>
    private static async Task<bool> HoldAsync(UnitOfWork work, Guid id, CancellationToken cancel) =>
        await work.Query<UserImport>().Where(i => i.Id == id && i.State == ImportState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, i => i.State), cancel) == 1;

    /// <summary>
    /// Who started the import, if they may still do it, and the language in which they read the portal. Asked at every batch, because a role lost in
    /// between ends the import.
    /// </summary>
    private static async Task<Owner?> FindOwnerAsync(UnitOfWork work, UserImport import, CancellationToken cancel) =>
        await work.Users.FindAsync(import.OwnerId, cancel) is { IsSystemAdministrator: true, State: AccountState.Active } owner
        // What was begun before a recovery does not go on after it.
        && await RecoveryHolds.FindAsync(work, owner.Id, cancel) is null
            ? new(new(owner.Id, owner.Name, Guid.Empty, true, work.Now) { Address = import.Address }, owner.Language ?? owner.BrowserLanguage)
            : null;

    private static IQueryable<UserImportRow> Waiting(UnitOfWork work, UserImport import) =>
        work.Query<UserImportRow>().Where(r => r.ImportId == import.Id && r.Result == ImportResult.Waiting);

    private static async Task EndAsync(UnitOfWork work, UserImport import, ImportState state, Caller by, CancellationToken cancel)
    {
        await work.Query<UserImport>().Where(i => i.Id == import.Id).ExecuteUpdateAsync(set => set.SetProperty(i => i.State, state), cancel);
        work.Record(Event(import), by);
        await work.CommitAsync(cancel);
    }

    /// <summary>Judges the rows again, because people may have changed since the dry run, and writes what is still as it showed.</summary>
    private async Task WriteAsync(
        UnitOfWork work, UserImport import, IReadOnlyList<UserImportRow> rows, Caller.Person by, string? language, CancellationToken cancel)
    {
        var rules = await ImportRules.ReadAsync(work, rows.Select(row => (row.Username, row.Email)), cancel);
        var judged = rows.Select(row => new Turn(row, Judge(rules, row))).ToList();
        // Behind all that wait already, also of imports that are no longer kept: two together are no faster than one.
        var behind = await work.FindLastDueAsync(TemplateCatalogue.Invitation, cancel) + InvitationGap;
        var own = import.NextInvitationAt ?? work.Now;
        var invitations = new Invitations(behind > own ? behind.Value : own, work.Now);
        // Changed first, and in the order of ids, in which other transactions that hold several people take them.
        foreach (var turn in judged.Where(turn => turn.Result == ImportResult.Changed).OrderBy(turn => turn.Row.UserId))
            turn.Answer = await ChangeAsync(work, turn.Row, by, invitations, cancel);
        var added = judged.Where(turn => turn.Result == ImportResult.Created).Select(turn => turn.Row).ToList();
        await CreateAsync(work, added, by, language, invitations, cancel);
        foreach (var answered in judged.GroupBy(turn => turn.Answer))
            await SetAsync(work, import, [.. answered.Select(turn => turn.Row.Line)], answered.Key, cancel);
        await CountAsync(work, import, judged, invitations.Next, cancel);
        // Asked again: a former administrator must not act. Nothing is committed then, and the next round ends the import.
        if (await FindOwnerAsync(work, import, cancel) is null) return;
        await work.CommitAsync(cancel);
    }

    private static Answer Judge(ImportRules rules, UserImportRow row)
    {
        var (verdict, faults, person) = rules.Judge(row.Username, row.Name, row.Email);
        if (verdict == ImportVerdict.Unchanged) return new(ImportResult.SoAlready);
        if (faults != ImportFaults.None) return new(ImportResult.NotImported, faults);
        if (verdict == ImportVerdict.New && row.Verdict == ImportVerdict.New) return new(ImportResult.Created);
        // Whoever pressed Import has seen another name, address or person than there is now.
        return verdict == ImportVerdict.Changed && person!.Id == row.UserId && person.Name == row.OldName && person.Email == row.OldEmail
            ? new(ImportResult.Changed)
            : new(ImportResult.NotImported, ImportFaults.ChangedMeanwhile);
    }

    private async Task<Answer> ChangeAsync(
        UnitOfWork work, UserImportRow row, Caller.Person by, Invitations invitations, CancellationToken cancel)
    {
        // Held first, as in everything that changes a user: what is checked from here on stays true until the commit.
        if (await work.Users.HoldAsync(row.UserId!.Value, cancel) is not { } before || before.Name != row.OldName || before.Email != row.OldEmail)
            return new(ImportResult.NotImported, ImportFaults.ChangedMeanwhile);
        if (before.IsSystemAdministrator) return new(ImportResult.NotImported, ImportFaults.Administrator);
        var edit = UserEdit.Of(before) with { Name = row.Name, Email = row.Email };
        var invites = edit.Email != before.Email && UserChanges.IsInvited(before, work.Now);
        await UserChanges.ApplyAsync(work, sessions, before, edit, by, invites ? invitations.Take() : work.Now, cancel);
        return new(ImportResult.Changed);
    }

    /// <summary>Creates people without a password and without the role, and invites them.</summary>
    private static async Task CreateAsync(
        UnitOfWork work, List<UserImportRow> rows, Caller.Person by, string? language, Invitations invitations, CancellationToken cancel)
    {
        if (rows.Count == 0) return;
        var users = rows
            .Select(row => NewUsers.Make(work.Now, row.Username, row.Name, row.Email, passwordHash: null, systemAdministrator: false))
            .ToList();
        // A guess until they sign in, as for a person who is added by hand.
        foreach (var user in users) user.BrowserLanguage = language;
        await work.WriteAsync(users, cancel);
        var events = users.Select(user => new AuditEvent.UserCreated(user.Id, SystemAdministrator: false, "import"));
        await work.WriteAsync([.. events.Select(happened => AuditTrail.Entry(happened, by, work.Now))], cancel);
        await PasswordLinks.InviteAsync(work, [.. users.Select(user => (user, invitations.Take()))], by, cancel);
    }

    private static Task<int> SetAsync(UnitOfWork work, UserImport import, List<int> lines, Answer answer, CancellationToken cancel) =>
        work.Query<UserImportRow>().Where(r => r.ImportId == import.Id && lines.Contains(r.Line)).ExecuteUpdateAsync(set => set
            .SetProperty(r => r.Result, answer.Result)
            .SetProperty(r => r.Faults, answer.Faults), cancel);

    private static Task<int> CountAsync(
        UnitOfWork work, UserImport import, IReadOnlyList<Turn> judged, DateTimeOffset? nextInvitation, CancellationToken cancel)
    {
        int Of(ImportResult result) => judged.Count(turn => turn.Result == result);
        var (created, changed, same, not) =
            (Of(ImportResult.Created), Of(ImportResult.Changed), Of(ImportResult.SoAlready), Of(ImportResult.NotImported));
        return work.Query<UserImport>().Where(i => i.Id == import.Id).ExecuteUpdateAsync(set => set
            .SetProperty(i => i.PeopleCreated, i => i.PeopleCreated + created)
            .SetProperty(i => i.PeopleChanged, i => i.PeopleChanged + changed)
            .SetProperty(i => i.SoAlready, i => i.SoAlready + same)
            .SetProperty(i => i.NotImported, i => i.NotImported + not)
            .SetProperty(i => i.NextInvitationAt, nextInvitation), cancel);
    }

    /// <summary>Puts the row that failed aside with its reason, so that the others need not wait for it; not if another node did it.</summary>
    private async Task PutAsideAsync(Guid id, int line, Exception failed, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        if (!await HoldAsync(work, id, cancel)) return;
        var import = await work.Query<UserImport>().SingleAsync(i => i.Id == id, cancel);
        if (await Waiting(work, import).SingleOrDefaultAsync(r => r.Line == line, cancel) is not { } row) return;
        var answer = new Answer(ImportResult.NotImported, ImportFaults.NotWritten);
        await SetAsync(work, import, [row.Line], answer, cancel);
        await CountAsync(work, import, [new(row, answer)], import.NextInvitationAt, cancel);
        await work.CommitAsync(cancel);
        // The type of the error only: a library's message may repeat what stands in the row.
        LogPutAside(row.Line, import.Id, failed.GetBaseException().GetType().Name);
    }

    /// <summary>Deletes imports that nobody looks at any more. Their rows go with them.</summary>
    internal async Task CleanAsync(CancellationToken cancel)
    {
        if (time.GetUtcNow() - _cleanedAt < CleaningInterval) return;
        await using var work = await units.BeginAsync(cancel);
        var (old, broken) = (work.Now - Kept, work.Now - ReadingEnds);
        await work.Query<UserImport>().Where(i => i.CreatedAt <= old && i.State != ImportState.Running).ExecuteDeleteAsync(cancel);
        await work.Query<UserImport>().Where(i => i.CreatedAt <= broken && i.State == ImportState.Reading).ExecuteDeleteAsync(cancel);
        await work.CommitAsync(cancel);
        _cleanedAt = work.Now;
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Line {Line} of import {Import} could not be imported and was put aside: {Kind}. The page of the import shows it.")]
    private partial void LogPutAside(int line, Guid import, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of an import failed and is imported row by row: {Kind}")]
    private partial void LogBatchFailed(string kind);

    private sealed record Owner(Caller.Person By, string? Language);

    private sealed record Claimed(UnitOfWork Work, UserImport Import);

    private sealed record Answer(ImportResult Result, ImportFaults Faults = ImportFaults.None);

    /// <summary>A row and what becomes of it.</summary>
    private sealed class Turn(UserImportRow row, Answer answer)
    {
        public UserImportRow Row { get; } = row;

        public Answer Answer { get; set; } = answer;

        public ImportResult Result => Answer.Result;
    }

    /// <summary>Gives each invitation a time of its own.</summary>
    private sealed class Invitations(DateTimeOffset next, DateTimeOffset now)
    {
        public DateTimeOffset Next { get; private set; } = next > now ? next : now;

        public DateTimeOffset Take()
        {
            var at = Next;
            Next = at + InvitationGap;
            return at;
        }
    }
}
