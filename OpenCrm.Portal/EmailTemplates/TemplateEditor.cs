using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>
/// Reads and saves the templates of mails (spec 6): for system administrators, judged before they are saved, audited, never over somebody else's unseen change. Each save
/// is a version of its own; two saves on top of one version collide in the history's key.
/// </summary>
public sealed class TemplateEditor(
    UnitsOfWork units, CurrentCaller currentCaller, TemplateCheck check, TemplateRenderer renderer, MailOptions options, PublicAddress address)
{
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<IReadOnlyList<StoredTemplate>> ListAsync(CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var frame = await MailFrame.ReadAsync(work, options, address, cancel);
        var stored = await work.Query<MailTemplate>().ToDictionaryAsync(t => t.Key, cancel);
        var lasts = await Notes(work.Query<MailTemplateVersion>().Where(v => v.Version == work.Query<MailTemplateVersion>().Where(o => o.Key == v.Key).Max(o => o.Version)))
            .ToDictionaryAsync(found => found.Key, found => found.Note, cancel);
        return [.. TemplateCatalogue.All.Select(template => Stored(template, stored.GetValueOrDefault(template.Key), lasts.GetValueOrDefault(template.Key)))
            .Select(found => found with { SubjectExample = SubjectExample(found, administrator.Name, frame) })];
    }

    /// <returns>Null: there is no such template.</returns>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<StoredTemplate?> ReadAsync(string key, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        return TemplateCatalogue.Find(key) is { } template ? await ReadStoredAsync(work, template, cancel) : null;
    }

    /// <summary>Renders what is in the editor, saved or not, as it would come to the caller.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplatePreview> PreviewAsync(TemplateDefinition template, TemplateText text, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var faults = check.Check(template, text);
        // What is only missing, or not to be sent, can be looked at: the frame runs nothing.
        if (faults.Any(fault => fault is not (TemplateFault.RequiredMissing or TemplateFault.ActiveContent or TemplateFault.SecretInSubject or TemplateFault.LinkMisplaced or TemplateFault.FieldInImage))) return new TemplatePreview.Failed(faults);
        var to = await ReadRecipientAsync(work, administrator, cancel);
        var frame = await MailFrame.ReadAsync(work, options, address, cancel);
        try
        {
            return new TemplatePreview.Shown(to, renderer.Render(template, text, template.SampleValues, to.Name, frame));
        }
        catch (TemplateFailedException failed)
        {
            // It passed with a short name, and grew with the caller's.
            return new TemplatePreview.Failed([new TemplateFault.Fails(TemplateParts.Html, failed.Message)]);
        }
    }

    /// <param name="version">That the text was edited on top of.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplateOutcome> SaveAsync(TemplateDefinition template, TemplateText text, int version, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        return check.Check(template, text) is { Count: > 0 } faults
            ? new TemplateOutcome.Invalid(faults)
            : await SaveAsync(work, administrator, template, text, version, TemplateChange.Saved, from: null, cancel);
    }

    /// <summary>Back to what comes with the portal, also to what comes with later releases of it.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplateOutcome> ResetAsync(TemplateDefinition template, int version, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        return await SaveAsync(work, administrator, template, TemplateText.Default(template), version, TemplateChange.Reset, from: null, cancel);
    }

    /// <summary>Saves an older version again. It is judged as any other text: fields may have gone since.</summary>
    /// <param name="from">The older version.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplateOutcome> RestoreAsync(TemplateDefinition template, int from, int version, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var older = await work.Query<MailTemplateVersion>().SingleAsync(v => v.Key == template.Key && v.Version == from, cancel);
        // A reset is restored as one: the default of today.
        if (older.Change == TemplateChange.Reset)
            return await SaveAsync(work, administrator, template, TemplateText.Default(template), version, TemplateChange.Reset, from: null, cancel);
        var text = TemplateText.Of(older);
        return check.Check(template, text) is { Count: > 0 } faults
            ? new TemplateOutcome.Invalid(faults)
            : await SaveAsync(work, administrator, template, text, version, TemplateChange.Restored, from, cancel);
    }

    /// <summary>Newest first.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<IReadOnlyList<VersionNote>> ReadHistoryAsync(TemplateDefinition template, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var versions = work.Query<MailTemplateVersion>().Where(v => v.Key == template.Key).OrderByDescending(v => v.Version).Take(HistoryShown);
        return [.. (await Notes(versions).ToListAsync(cancel)).Select(found => found.Note)];
    }

    /// <summary>Sends what is in the editor to the caller alone.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplateOutcome> SendTestAsync(TemplateDefinition template, TemplateText text, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        if (check.Check(template, text) is { Count: > 0 } faults) return new TemplateOutcome.Invalid(faults);
        var to = await ReadRecipientAsync(work, administrator, cancel);
        work.Queue(new MailDraft.Sample(to, template, text));
        await work.CommitAsync(cancel);
        return new TemplateOutcome.TestQueued(to.Address);
    }

    /// <summary>More than anybody reads; older ones stay in the database.</summary>
    private const int HistoryShown = 100;

    private async Task<TemplateOutcome> SaveAsync(
        UnitOfWork work, Caller.Person by, TemplateDefinition template, TemplateText text, int version, TemplateChange change, int? from, CancellationToken cancel)
    {
        var before = await ReadStoredAsync(work, template, cancel);
        if (before.Version != version) return new TemplateOutcome.SavedMeanwhile(before);
        var (parts, next) = (text.DifferenceTo(before.Text), version + 1);
        // Nothing changes: no version, no event.
        if (parts == TemplateParts.None && (change != TemplateChange.Reset || before.IsDefault)) return new TemplateOutcome.Saved(before);
        // What its mails hold opens accounts: an unattended desk does not reword it (spec 3.5).
        if (template.HoldsToken && !by.ProvedRecently(work.Now)) return new TemplateOutcome.StepUpNeeded();
        work.Add(new MailTemplateVersion
        {
            Key = template.Key,
            Version = next,
            Subject = text.Subject,
            HtmlBody = text.Html,
            TextBody = text.Text,
            Change = change,
            Parts = parts,
            SavedAt = work.Now,
            SavedBy = by.Name,
        });
        await StoreAsync(work, by, template, change == TemplateChange.Reset ? null : text, next, cancel);
        work.Record(change switch
        {
            TemplateChange.Reset => new AuditEvent.TemplateReset(template.Key, version, next, parts.ToString()),
            TemplateChange.Restored => new AuditEvent.TemplateRestored(template.Key, version, next, from!.Value, parts.ToString()),
            _ => new AuditEvent.TemplateChanged(template.Key, version, next, parts.ToString()),
        }, by);
        var committed = await work.TryCommitAsync(cancel) is CommitOutcome.Committed;
        await using var after = await units.ReadAsync(cancel);
        var now = await ReadStoredAsync(after, template, cancel);
        return committed ? new TemplateOutcome.Saved(now) : new TemplateOutcome.SavedMeanwhile(now);
    }

    /// <param name="text">Null: nothing is stored, the default counts.</param>
    private static async Task StoreAsync(UnitOfWork work, Caller.Person by, TemplateDefinition template, TemplateText? text, int version, CancellationToken cancel)
    {
        var row = await work.Tracked<MailTemplate>().SingleOrDefaultAsync(t => t.Key == template.Key, cancel);
        if (text is null)
        {
            if (row is not null) work.Remove(row);
            return;
        }
        if (row is null) work.Add(row = new MailTemplate { Key = template.Key, Subject = "", HtmlBody = "", TextBody = "", ChangedBy = "" });
        (row.Subject, row.HtmlBody, row.TextBody) = (text.Subject, text.Html, text.Text);
        (row.Version, row.ChangedAt, row.ChangedBy) = (version, work.Now, by.Name);
        (row.FailedAt, row.Failure) = (null, null);
    }

    private static async Task<StoredTemplate> ReadStoredAsync(UnitOfWork work, TemplateDefinition template, CancellationToken cancel)
    {
        var stored = await work.Query<MailTemplate>().SingleOrDefaultAsync(t => t.Key == template.Key, cancel);
        var last = await Notes(work.Query<MailTemplateVersion>().Where(v => v.Key == template.Key).OrderByDescending(v => v.Version).Take(1)).SingleOrDefaultAsync(cancel);
        return Stored(template, stored, last?.Note);
    }

    private static StoredTemplate Stored(TemplateDefinition template, MailTemplate? stored, VersionNote? last) => new(
        template,
        stored is null ? TemplateText.Default(template) : TemplateText.Of(stored),
        last?.Version ?? 0,
        stored is null,
        last,
        stored is { FailedAt: { } at, Failure: { } why } ? new(at, why) : null);

    private string? SubjectExample(StoredTemplate stored, string recipientName, MailFrame frame)
    {
        if (!stored.Text.Subject.Contains("{%", StringComparison.Ordinal)) return null;
        try
        {
            return renderer.RenderSubject(stored.Template, stored.Text, stored.Template.SampleValues, recipientName, frame);
        }
        catch (TemplateFailedException)
        {
            // The editor says what is wrong with it.
            return null;
        }
    }

    private static IQueryable<KeyedNote> Notes(IQueryable<MailTemplateVersion> versions) =>
        versions.Select(v => new KeyedNote(v.Key, new VersionNote(v.Version, v.Change, v.Parts, v.SavedAt, v.SavedBy)));

    private static async Task<MailRecipient> ReadRecipientAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel) =>
        MailRecipient.Of(await work.Query<PortalUser>().SingleAsync(u => u.Id == person.UserId, cancel));

    private sealed record KeyedNote(string Key, VersionNote Note);
}
