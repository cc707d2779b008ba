using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users.Import;

/// <summary>How reading a file ended: a closed set.</summary>
public abstract record ReadOutcome
{
    private ReadOutcome() { }

    /// <summary>The dry run is stored.</summary>
    public sealed record Checked : ReadOutcome;

    public sealed record Refused(FileFault Fault) : ReadOutcome;

    /// <summary>An import of the caller is running; a new file would hide it.</summary>
    public sealed record OneIsRunning : ReadOutcome;
}

/// <summary>How starting an import ended: a closed set.</summary>
public abstract record StartOutcome
{
    private StartOutcome() { }

    public sealed record Started : StartOutcome;

    /// <summary>A fresh proof of the administrator is needed first.</summary>
    public sealed record StepUpNeeded : StartOutcome;

    /// <summary>There is no such import of the caller, it has nothing to import, or it runs or is done already.</summary>
    public sealed record NothingToDo : StartOutcome;
}

/// <summary>The caller's import with a page of its rows.</summary>
/// <param name="Import">Null if the caller has none.</param>
/// <param name="HasPrevious">Whether there are rows before the page.</param>
/// <param name="HasNext">Whether there are rows after the page.</param>
public sealed record ImportPart(UserImport? Import, IReadOnlyList<UserImportRow> Rows, bool HasPrevious, bool HasNext);

/// <summary>
/// Reads files of people, shows what each row would do, and starts, stops and discards imports. Nobody is created or changed here:
/// <see cref="ImportWorker"/> does it.
/// </summary>
public sealed class UserImports(UnitsOfWork units, CurrentCaller currentCaller)
{
    public const int PageSize = 50;

    /// <summary>Rows that are judged and stored at once.</summary>
    private const int AtOnce = 1_000;

    /// <summary>Reads the caller's newest import and the rows that are asked for.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<ImportPart> ReadAsync(ImportQuery query, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var import = await Own(work, administrator).Where(i => i.State != ImportState.Reading).OrderByDescending(i => i.Id)
            .FirstOrDefaultAsync(cancel);
        if (import is null) return new(null, [], false, false);
        var rows = Filtered(work.Query<UserImportRow>().Where(r => r.ImportId == import.Id), query.Show);
        var back = query.Before is not null || query.AtEnd;
        if (query.After is { } after) rows = rows.Where(r => r.Line > after);
        if (query.Before is { } before) rows = rows.Where(r => r.Line < before);
        // One row more than a page holds shows whether there is another page, without counting.
        var found = await (back ? rows.OrderByDescending(r => r.Line) : rows.OrderBy(r => r.Line)).Take(PageSize + 1).ToListAsync(cancel);
        var more = found.Count > PageSize;
        if (more) found.RemoveAt(PageSize);
        if (back) found.Reverse();
        return new(import, found, back ? more : query.After is not null, back ? query.Before is not null : more);
    }

    /// <summary>Reads a file and stores what each of its rows would do. Replaces what the caller had read before.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<ReadOutcome> CheckAsync(Stream upload, string fileName, CancellationToken cancel = default)
    {
        Caller.Person administrator;
        await using (var work = await units.ReadAsync(cancel))
        {
            administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
            // Before the file is read; what it finds is written.
            administrator.RequireNotHeld(work.Now);
            if (await Own(work, administrator).AnyAsync(i => i.State == ImportState.Running, cancel)) return new ReadOutcome.OneIsRunning();
        }
        if (await ReadBytesAsync(upload, cancel) is not { } bytes) return new ReadOutcome.Refused(new FileFault.TooLarge());
        var (file, fault) = await ImportFile.OpenAsync(bytes, cancel);
        if (file is null) return new ReadOutcome.Refused(fault!);
        await using (file)
        {
            var id = await AddAsync(administrator, file, fileName, cancel);
            try
            {
                if (await StoreRowsAsync(file, id, cancel) is not { } refused) return await FinishAsync(id, cancel);
                await DiscardAsync(id, CancellationToken.None);
                return new ReadOutcome.Refused(refused);
            }
            catch
            {
                // Nobody sees these rows, and housekeeping would find them only hours later.
                await TryDiscardAsync(id);
                throw;
            }
        }
    }

    /// <summary>Starts an import, or lets a stopped one go on, for a system administrator with a fresh proof.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<StartOutcome> StartAsync(Guid id, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        if (!administrator.ProvedRecently(work.Now)) return new StartOutcome.StepUpNeeded();
        // Held, so that two tabs of this person cannot start two imports at the same moment.
        await work.Users.HoldAsync(administrator.UserId, cancel);
        if (await Own(work, administrator).AnyAsync(i => i.State == ImportState.Running, cancel)) return new StartOutcome.NothingToDo();
        var started = await Own(work, administrator)
            .Where(i => i.Id == id && i.New + i.Changed > 0)
            .Where(i => i.State == ImportState.Checked || i.State == ImportState.Stopped || i.State == ImportState.WithoutRight)
            .ExecuteUpdateAsync(set => set
                .SetProperty(i => i.State, ImportState.Running)
                .SetProperty(i => i.StartedAt, i => i.StartedAt ?? work.Now)
                .SetProperty(i => i.Address, administrator.Address)
                .SetProperty(i => i.NextInvitationAt, work.Now), cancel);
        if (started != 1) return new StartOutcome.NothingToDo();
        work.AfterCommit<ImportSignal>(signal => signal.Raise());
        await work.CommitAsync(cancel);
        return new StartOutcome.Started();
    }

    /// <summary>Stops the caller's import after the batch that is being written.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    /// <returns>False if it does not run.</returns>
    public async Task<bool> StopAsync(Guid id, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var stopped = await Own(work, administrator).Where(i => i.Id == id && i.State == ImportState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, ImportState.Stopped), cancel);
        if (stopped != 1) return false;
        var import = await work.Query<UserImport>().SingleAsync(i => i.Id == id, cancel);
        work.Record(ImportWorker.Event(import), administrator);
        await work.CommitAsync(cancel);
        return true;
    }

    /// <summary>Deletes the caller's import and its rows; who was imported stays.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    /// <returns>False if it runs, or is gone already.</returns>
    public async Task<bool> DiscardAsync(Guid id, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var discarded = await Own(work, administrator).Where(i => i.Id == id && i.State != ImportState.Running).ExecuteDeleteAsync(cancel);
        await work.CommitAsync(cancel);
        return discarded == 1;
    }

    private static IQueryable<UserImport> Own(UnitOfWork work, Caller.Person administrator) =>
        work.Query<UserImport>().Where(i => i.OwnerId == administrator.UserId);

    private static IQueryable<UserImportRow> Filtered(IQueryable<UserImportRow> rows, ImportFilter? show) => show switch
    {
        ImportFilter.New => rows.Where(r => r.Verdict == ImportVerdict.New),
        ImportFilter.Changed => rows.Where(r => r.Verdict == ImportVerdict.Changed),
        ImportFilter.Unchanged => rows.Where(r => r.Verdict == ImportVerdict.Unchanged),
        ImportFilter.Wrong => rows.Where(r => r.Verdict == ImportVerdict.Wrong),
        ImportFilter.NotImported => rows.Where(r => r.Result == ImportResult.NotImported),
        _ => rows,
    };

    /// <returns>Null if there are more bytes than a file may have.</returns>
    private static async Task<byte[]?> ReadBytesAsync(Stream upload, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        var part = new byte[64 * 1024];
        while (await upload.ReadAsync(part, cancel) is var read and > 0)
        {
            if (bytes.Length + read > ImportFile.MostBytes) return null;
            bytes.Write(part, 0, read);
        }
        return bytes.ToArray();
    }

    private async Task<Guid> AddAsync(Caller.Person administrator, ImportFile file, string fileName, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        var import = new UserImport
        {
            Id = Guid.CreateVersion7(work.Now),
            OwnerId = administrator.UserId,
            FileName = IncomingText.Cleaned(fileName, UserImportConfiguration.FileNameLength),
            CreatedAt = work.Now,
            ReadAsWindows = file.ReadAsWindows,
            Ignored = IncomingText.Cut(string.Join(", ", file.Ignored), UserImportConfiguration.IgnoredLength),
        };
        work.Add(import);
        await work.CommitAsync(cancel);
        return import.Id;
    }

    /// <returns>Why the file is refused; null if all rows are stored.</returns>
    private async Task<FileFault?> StoreRowsAsync(ImportFile file, Guid id, CancellationToken cancel)
    {
        var (usernames, emails) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var count = 0;
        while (true)
        {
            var (lines, fault) = await file.ReadAsync(AtOnce, cancel);
            if (fault is not null) return fault;
            count += lines.Count;
            if (count > ImportFile.MostRows) return new FileFault.TooManyRows();
            if (lines.Count > 0)
            {
                await using var work = await units.BeginAsync(cancel);
                var rules = await ImportRules.ReadAsync(work, lines.Select(line => (line.Username, line.Email)), cancel);
                await work.WriteAsync([.. lines.Select(line => Row(id, line, rules, usernames, emails))], cancel);
                await work.CommitAsync(cancel);
            }
            if (lines.Count < AtOnce) return count == 0 ? new FileFault.NoRows() : null;
        }
    }

    private static UserImportRow Row(Guid id, ImportLine line, ImportRules rules, HashSet<string> usernames, HashSet<string> emails)
    {
        var (verdict, faults, person) = rules.Judge(line.Username, line.Name, line.Email);
        if (line.HasTooManyFields) faults |= ImportFaults.TooManyFields;
        if (line.Username.Length > 0 && !usernames.Add(AccountName.Normalize(line.Username))) faults |= ImportFaults.UsernameTwice;
        if (line.Email.Length > 0 && !emails.Add(AccountName.Normalize(line.Email))) faults |= ImportFaults.EmailTwice;
        if (faults != ImportFaults.None) verdict = ImportVerdict.Wrong;
        var changes = verdict == ImportVerdict.Changed;
        return new()
        {
            ImportId = id,
            Line = line.Number,
            Username = Shown(line.Username),
            Name = Shown(line.Name),
            Email = Shown(line.Email),
            Verdict = verdict,
            UserId = changes ? person!.Id : null,
            OldName = changes ? person!.Name : null,
            OldEmail = changes ? person!.Email : null,
            Result = verdict is ImportVerdict.New or ImportVerdict.Changed ? ImportResult.Waiting : ImportResult.Nothing,
            Faults = faults,
        };
    }

    /// <summary>The value as it can be stored and shown. What is imported is valid, and so it is the value itself.</summary>
    private static string Shown(string value) =>
        IncomingText.IsLine(value) ? IncomingText.Cut(value, ImportLine.ShownLength) : IncomingText.Cleaned(value, ImportLine.ShownLength);

    /// <summary>Shows the import to its owner, and deletes what the owner had before.</summary>
    private async Task<ReadOutcome> FinishAsync(Guid id, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        // Asked again, and held: another tab may have started an import meanwhile.
        await work.Users.HoldAsync(administrator.UserId, cancel);
        if (await Own(work, administrator).AnyAsync(i => i.State == ImportState.Running, cancel))
        {
            await Own(work, administrator).Where(i => i.Id == id).ExecuteDeleteAsync(cancel);
            await work.CommitAsync(cancel);
            return new ReadOutcome.OneIsRunning();
        }
        var counts = await work.Query<UserImportRow>().Where(r => r.ImportId == id)
            .GroupBy(r => r.Verdict).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancel);
        await Own(work, administrator).Where(i => i.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(i => i.State, ImportState.Checked)
            .SetProperty(i => i.New, counts.GetValueOrDefault(ImportVerdict.New))
            .SetProperty(i => i.Changed, counts.GetValueOrDefault(ImportVerdict.Changed))
            .SetProperty(i => i.Unchanged, counts.GetValueOrDefault(ImportVerdict.Unchanged))
            .SetProperty(i => i.Wrong, counts.GetValueOrDefault(ImportVerdict.Wrong)), cancel);
        await Own(work, administrator).Where(i => i.Id != id && i.State != ImportState.Reading && i.State != ImportState.Running)
            .ExecuteDeleteAsync(cancel);
        await work.CommitAsync(cancel);
        return new ReadOutcome.Checked();
    }

    private async Task TryDiscardAsync(Guid id)
    {
        try
        {
            await using var work = await units.BeginAsync(CancellationToken.None);
            await work.Query<UserImport>().Where(i => i.Id == id).ExecuteDeleteAsync(CancellationToken.None);
            await work.CommitAsync(CancellationToken.None);
        }
        catch (Exception failed) when (Outage.IsOne(failed))
        {
            // The failure that led here is the one to report; housekeeping deletes the rows.
        }
    }
}
