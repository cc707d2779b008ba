using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.EmailTemplates;

/// <summary>
/// Reads and saves the templates of mails (docs/spec.md 6). Only system administrators may call it. A template is checked before it is saved, and
/// each save is audited. Nobody overwrites a change that they have not seen: each save is a version of its own, and two saves on top of one version
/// collide in the history's key. Each language of a template is a text of its own, with its own versions; where none is named, it is English.
/// </summary>
public sealed class TemplateEditor(
    UnitsOfWork units, CurrentCaller currentCaller, TemplateCheck check, TemplateRenderer renderer, MailOptions options, PublicAddress address)
{
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<IReadOnlyList<StoredTemplate>> ListAsync(CultureInfo? language = null, CancellationToken cancel = default)
    {
        language ??= Languages.English;
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var frame = await MailFrame.ReadAsync(work, options, address, language, cancel);
        var stored = await work.Query<MailTemplate>().Where(t => t.Language == language.Name).ToDictionaryAsync(t => t.Key, cancel);
        var versions = work.Query<MailTemplateVersion>().Where(v => v.Language == language.Name);
        var lasts = await Notes(versions.Where(v => v.Version == versions.Where(o => o.Key == v.Key).Max(o => o.Version)))
            .ToDictionaryAsync(found => found.Key, found => found.Note, cancel);
        return [.. TemplateCatalogue.All
            .Select(template => Stored(template, language, stored.GetValueOrDefault(template.Key), lasts.GetValueOrDefault(template.Key)))
            .Select(found => found with { SubjectExample = SubjectExample(found, administrator.Name, frame) })];
    }

    /// <returns>Null if there is no such template.</returns>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<StoredTemplate?> ReadAsync(string key, CultureInfo? language = null, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        return TemplateCatalogue.Find(key) is { } template
            ? await ReadStoredAsync(work, template, language ?? Languages.English, cancel)
            : null;
    }

    /// <summary>Renders the text in the editor, saved or not, as a mail to the caller.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplatePreview> PreviewAsync(
        TemplateDefinition template, TemplateText text, CultureInfo? language = null, CancellationToken cancel = default)
    {
        language ??= Languages.English;
        await using var work = await units.ReadAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var faults = check.Check(template, text);
        // A text with only these faults cannot be sent, but it can be looked at: the preview's frame runs nothing.
        if (faults.Any(fault => fault is not (TemplateFault.RequiredMissing or TemplateFault.ActiveContent or TemplateFault.SecretInSubject
            or TemplateFault.LinkMisplaced or TemplateFault.FieldInImage)))
        {
            return new TemplatePreview.Failed(faults);
        }
        var to = await ReadRecipientAsync(work, administrator, cancel);
        var frame = await MailFrame.ReadAsync(work, options, address, language, cancel);
        try
        {
            var mail = renderer.Render(template, text, template.SampleValuesIn(language), to.Name, frame);
            return new TemplatePreview.Shown(to, mail.WithPictureInside(), faults);
        }
        catch (TemplateFailedException failed)
        {
            // The check uses a short sample name; with the caller's longer name the text exceeds the limit.
            return new TemplatePreview.Failed([new TemplateFault.Fails(TemplateParts.Html, failed.Message)]);
        }
    }

    /// <summary>Makes the text that belongs to the HTML in the editor, with its fields and conditions.</summary>
    /// <returns>Null while the HTML is such that nothing is made of it.</returns>
    public static string? MakeText(string html) => html.Length <= TemplateText.BodyLength ? PlainText.OfTemplate(html) : null;

    /// <param name="version">The version that the text was edited on top of.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplateOutcome> SaveAsync(
        TemplateDefinition template, TemplateText text, int version, CultureInfo? language = null, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        return check.Check(template, text) is { Count: > 0 } faults
            ? new TemplateOutcome.Invalid(faults)
            : await SaveAsync(work, administrator, template, language ?? Languages.English, text, version, TemplateChange.Saved, from: null, cancel);
    }

    /// <summary>Returns to the default that comes with the portal. If a later release brings a newer default, that one is used.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplateOutcome> ResetAsync(
        TemplateDefinition template, int version, CultureInfo? language = null, CancellationToken cancel = default)
    {
        language ??= Languages.English;
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var text = TemplateText.Default(template, language);
        return await SaveAsync(work, administrator, template, language, text, version, TemplateChange.Reset, from: null, cancel);
    }

    /// <summary>Saves an older version again. It is checked like any other text, because a field that it uses may no longer exist.</summary>
    /// <param name="from">Number of the older version.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplateOutcome> RestoreAsync(
        TemplateDefinition template, int from, int version, CultureInfo? language = null, CancellationToken cancel = default)
    {
        language ??= Languages.English;
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        var older = await Versions(work, template, language).SingleAsync(v => v.Version == from, cancel);
        // Restoring a reset is a reset again, to today's default.
        if (older.Change == TemplateChange.Reset)
        {
            var today = TemplateText.Default(template, language);
            return await SaveAsync(work, administrator, template, language, today, version, TemplateChange.Reset, from: null, cancel);
        }
        var text = TemplateText.Of(older);
        return check.Check(template, text) is { Count: > 0 } faults
            ? new TemplateOutcome.Invalid(faults)
            : await SaveAsync(work, administrator, template, language, text, version, TemplateChange.Restored, from, cancel);
    }

    /// <summary>Reads the versions of a template, newest first.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<IReadOnlyList<VersionNote>> ReadHistoryAsync(
        TemplateDefinition template, CultureInfo? language = null, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        await currentCaller.RequireAdministratorAsync(work, cancel);
        var versions = Versions(work, template, language ?? Languages.English).OrderByDescending(v => v.Version).Take(HistoryShown);
        return [.. (await Notes(versions).ToListAsync(cancel)).Select(found => found.Note)];
    }

    /// <summary>Sends the text in the editor, saved or not, as a test mail to the caller alone.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<TemplateOutcome> SendTestAsync(
        TemplateDefinition template, TemplateText text, CultureInfo? language = null, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
        if (check.Check(template, text) is { Count: > 0 } faults) return new TemplateOutcome.Invalid(faults);
        var to = await ReadRecipientAsync(work, administrator, cancel);
        work.Queue(new MailDraft.Sample(to with { Language = language ?? Languages.English }, template, text));
        await work.CommitAsync(cancel);
        return new TemplateOutcome.TestQueued(to.Address);
    }

    /// <summary>More versions than anybody reads; older ones stay in the database.</summary>
    private const int HistoryShown = 100;

    private async Task<TemplateOutcome> SaveAsync(
        UnitOfWork work, Caller.Person by, TemplateDefinition template, CultureInfo language, TemplateText text, int version,
        TemplateChange change, int? from, CancellationToken cancel)
    {
        var before = await ReadStoredAsync(work, template, language, cancel);
        if (before.Version != version) return new TemplateOutcome.SavedMeanwhile(before);
        var (parts, next) = (text.DifferenceTo(before.Text), version + 1);
        // Nothing changes, so there is no new version and no event.
        if (parts == TemplateParts.None && (change != TemplateChange.Reset || before.IsDefault)) return new TemplateOutcome.Saved(before);
        // The link in these mails opens accounts. A recent proof is needed, so that nobody can reword them at an unattended computer.
        if (template.HoldsToken && !by.ProvedRecently(work.Now)) return new TemplateOutcome.StepUpNeeded();
        work.Add(new MailTemplateVersion
        {
            Key = template.Key,
            Language = language.Name,
            Version = next,
            Subject = text.Subject,
            HtmlBody = text.Html,
            TextBody = text.Text,
            Change = change,
            Parts = parts,
            SavedAt = work.Now,
            SavedBy = by.Name,
        });
        await StoreAsync(work, by, template, language, change == TemplateChange.Reset ? null : text, next, cancel);
        var name = template.TextName(language);
        work.Record(change switch
        {
            TemplateChange.Reset => new AuditEvent.TemplateReset(name, version, next, parts.ToString()),
            TemplateChange.Restored => new AuditEvent.TemplateRestored(name, version, next, from!.Value, parts.ToString()),
            _ => new AuditEvent.TemplateChanged(name, version, next, parts.ToString()),
        }, by);
        var committed = await work.TryCommitAsync(cancel) is CommitOutcome.Committed;
        await using var after = await units.ReadAsync(cancel);
        var now = await ReadStoredAsync(after, template, language, cancel);
        return committed ? new TemplateOutcome.Saved(now) : new TemplateOutcome.SavedMeanwhile(now);
    }

    /// <param name="text">Null removes the stored text, so that the default is used.</param>
    private static async Task StoreAsync(
        UnitOfWork work, Caller.Person by, TemplateDefinition template, CultureInfo language, TemplateText? text, int version,
        CancellationToken cancel)
    {
        var row = await work.Tracked<MailTemplate>().SingleOrDefaultAsync(t => t.Key == template.Key && t.Language == language.Name, cancel);
        if (text is null)
        {
            if (row is not null) work.Remove(row);
            return;
        }
        if (row is null)
        {
            row = new() { Key = template.Key, Language = language.Name, Subject = "", HtmlBody = "", TextBody = null, ChangedBy = "" };
            work.Add(row);
        }
        (row.Subject, row.HtmlBody, row.TextBody) = (text.Subject, text.Html, text.Text);
        (row.Version, row.ChangedAt, row.ChangedBy) = (version, work.Now, by.Name);
        (row.FailedAt, row.Failure) = (null, null);
    }

    private static async Task<StoredTemplate> ReadStoredAsync(
        UnitOfWork work, TemplateDefinition template, CultureInfo language, CancellationToken cancel)
    {
        var stored = await work.Query<MailTemplate>().SingleOrDefaultAsync(t => t.Key == template.Key && t.Language == language.Name, cancel);
        var last = await Notes(Versions(work, template, language).OrderByDescending(v => v.Version).Take(1)).SingleOrDefaultAsync(cancel);
        return Stored(template, language, stored, last?.Note);
    }

    private static IQueryable<MailTemplateVersion> Versions(UnitOfWork work, TemplateDefinition template, CultureInfo language) =>
        work.Query<MailTemplateVersion>().Where(v => v.Key == template.Key && v.Language == language.Name);

    private static StoredTemplate Stored(TemplateDefinition template, CultureInfo language, MailTemplate? stored, VersionNote? last) => new(
        template,
        language,
        stored is null ? TemplateText.Default(template, language) : TemplateText.Of(stored),
        last?.Version ?? 0,
        stored is null,
        last,
        stored is { FailedAt: { } at, Failure: { } why } ? new(at, why) : null);

    private string? SubjectExample(StoredTemplate stored, string recipientName, MailFrame frame)
    {
        if (!stored.Text.Subject.Contains("{%", StringComparison.Ordinal)) return null;
        try
        {
            return renderer.RenderSubject(stored.Template, stored.Text, stored.Template.SampleValuesIn(stored.Language), recipientName, frame);
        }
        catch (TemplateFailedException)
        {
            // The editor shows what is wrong with it.
            return null;
        }
    }

    private static IQueryable<KeyedNote> Notes(IQueryable<MailTemplateVersion> versions) =>
        versions.Select(v => new KeyedNote(v.Key, new VersionNote(v.Version, v.Change, v.Parts, v.SavedAt, v.SavedBy)));

    private static async Task<MailRecipient> ReadRecipientAsync(UnitOfWork work, Caller.Person person, CancellationToken cancel) =>
        MailRecipient.Of(await work.Query<PortalUser>().SingleAsync(u => u.Id == person.UserId, cancel));

    private sealed record KeyedNote(string Key, VersionNote Note);
}
