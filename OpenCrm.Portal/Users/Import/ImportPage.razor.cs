using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users.Import;

/// <summary>
/// The page Users → Import CSV: a file is read, its rows are shown, and after Import the page follows what the worker does, also after F5.
/// </summary>
public sealed partial class ImportPage(
    UserImports imports,
    ImportWatch watch,
    BrowserTime browser,
    ReaderCulture reader,
    TimeProvider time,
    Announcer announcer,
    NavigationManager navigation,
    ILogger<ImportPage> log) : AddressedList<ImportQuery>(announcer, navigation)
{
    /// <summary>How often the page looks for what another node does.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource left = new();
    private ImportPart? part;
    private UserImport? asking;
    private ITimer? looking;
    private string? problem;
    private bool reading, acting, refreshing, moved;
    private int attempt;

    protected override string Heard =>
        part is { Import: { } import } ? Phrase.Of(Texts.UserImport_Shown, part.Rows.Count, Number(ImportWording.Number(import, Query.Show))) : "";

    private static int InvitationsAMinute => (int)(TimeSpan.FromMinutes(1) / ImportWorker.InvitationGap);

    private static string FileHint => Phrase.Of(Texts.UserImport_FileHint, Megabytes, Number(ImportFile.MostRows));

    private static int Megabytes => ImportFile.MostBytes / (1024 * 1024);

    protected override async Task OnInitializedAsync()
    {
        // The prerendered page is discarded at once and needs no updates.
        if (RendererInfo.IsInteractive) watch.Moved += OnMoved;
        await base.OnInitializedAsync();
    }

    protected override void Leave()
    {
        watch.Moved -= OnMoved;
        looking?.Dispose();
        left.Cancel();
        left.Dispose();
    }

    protected override async Task ReadAsync(ImportQuery asked, CancellationToken cancel)
    {
        var before = part?.Import;
        part = await imports.ReadAsync(asked, cancel);
        Follow();
        if (before is { State: ImportState.Running } && part.Import is { State: not ImportState.Running } ended)
            Announcer.Announce(ended.State == ImportState.Done ? Texts.UserImport_Ended : Texts.UserImport_Stopped);
    }

    protected override void Note(Exception broken) => LogFailed(log, broken);

    private static string Number(int number) => number.ToString("N0", CultureInfo.CurrentCulture);

    private static string ProgressText(UserImport import) =>
        Phrase.Of(Texts.UserImport_ProgressText, Number(import.Processed), Number(import.ToImport));

    private static bool CanStart(UserImport import) =>
        import.State is ImportState.Checked or ImportState.Stopped or ImportState.WithoutRight && import.ToImport > 0;

    private static IEnumerable<ImportFilter> Filters(UserImport import) =>
        Enum.GetValues<ImportFilter>().Where(filter => filter != ImportFilter.NotImported || import.NotImported > 0);

    private static DateTimeOffset? LastInvitation(UserImport import) =>
        import.PeopleCreated > 0 ? import.NextInvitationAt - ImportWorker.InvitationGap : null;

    private static string Story(UserImport import)
    {
        var counts = Phrase.Of(Texts.UserImport_Counts, Number(import.New), Number(import.Changed), Number(import.Unchanged), Number(import.Wrong));
        var ended = Phrase.Of(
            Texts.UserImport_EndedCounts, Number(import.PeopleCreated), Number(import.PeopleChanged), Number(import.NotImported));
        return import.State switch
        {
            ImportState.Checked when import.ToImport == 0 => $"{counts} {Texts.UserImport_NothingToImport}",
            ImportState.Checked => $"{counts} {Texts.UserImport_NothingYet}",
            ImportState.Running => Texts.UserImport_Running,
            ImportState.Stopped => $"{Texts.UserImport_StoppedText} {ended}",
            ImportState.WithoutRight => $"{Texts.UserImport_WithoutRight} {ended}",
            _ => $"{Texts.UserImport_Ended}. {ended}",
        };
    }

    private static string Word(FileFault fault) => fault switch
    {
        FileFault.TooLarge => Phrase.Of(Texts.UserImport_TooLarge, Megabytes),
        FileFault.TooManyRows => Phrase.Of(Texts.UserImport_TooManyRows, Number(ImportFile.MostRows)),
        FileFault.NoRows => Texts.UserImport_NoRows,
        FileFault.ColumnsMissing missing => Phrase.Of(
            Texts.UserImport_ColumnsMissing, string.Join(", ", missing.Columns.Select(ImportWording.Of))),
        FileFault.QuoteOpen open => Phrase.Of(Texts.UserImport_QuoteOpen, Number((int)open.Line)),
        _ => Texts.UserImport_NotCsv,
    };

    private async Task ReadFileAsync(InputFileChangeEventArgs chosen)
    {
        if (reading || chosen.FileCount != 1) return;
        (reading, problem) = (true, null);
        StateHasChanged();
        problem = await PageAction.RunAsync(() => TryReadAsync(chosen.File), broken => LogFailed(log, broken), Texts.UserImport_NotRead) ?? problem;
        reading = false;
        // A new field: the browser does not report the same file twice.
        attempt++;
    }

    private async Task TryReadAsync(IBrowserFile file)
    {
        if (file.Size > ImportFile.MostBytes)
        {
            problem = Word(new FileFault.TooLarge());
            return;
        }
        await using var upload = file.OpenReadStream(ImportFile.MostBytes, left.Token);
        switch (await imports.CheckAsync(upload, file.Name, left.Token))
        {
            case ReadOutcome.Refused refused:
                problem = Word(refused.Fault);
                break;
            case ReadOutcome.OneIsRunning:
                problem = Texts.UserImport_OneIsRunning;
                await LoadAsync(quiet: true);
                break;
            default:
                await LoadAsync();
                break;
        }
    }

    private Task StopAsync(Guid id) => RunAsync(() => imports.StopAsync(id));

    private Task DiscardAsync(Guid id) => RunAsync(async () =>
    {
        await imports.DiscardAsync(id);
        Show(new());
    });

    private async Task OnStartedAsync()
    {
        asking = null;
        await LoadAsync(quiet: true);
    }

    private async Task RunAsync(Func<Task> act)
    {
        if (acting) return;
        (acting, problem) = (true, null);
        // What another action said meanwhile stays.
        problem = await PageAction.RunAsync(
            async () =>
            {
                await act();
                await LoadAsync(quiet: true);
            },
            broken => LogFailed(log, broken), Texts.UserImport_NotDone) ?? problem;
        acting = false;
    }

    /// <summary>Looks each second while an import runs, because another node may be at it.</summary>
    private void Follow()
    {
        var running = RendererInfo.IsInteractive && part?.Import is { State: ImportState.Running };
        if (!running)
        {
            looking?.Dispose();
            looking = null;
        }
        else looking ??= time.CreateTimer(_ => OnMoved(), null, Interval, Interval);
    }

    // Raised by a worker or a timer, which have the culture of nobody.
    private void OnMoved() => _ = InvokeAsync(async () =>
    {
        reader.Apply();
        await RefreshAsync();
    });

    /// <summary>Reads again. What moves while it is read is read once more afterwards, however often it moved.</summary>
    private async Task RefreshAsync()
    {
        moved = true;
        if (refreshing || Loading || Failed || left.IsCancellationRequested) return;
        refreshing = true;
        try
        {
            while (moved && !left.IsCancellationRequested)
            {
                moved = false;
                await LoadAsync(quiet: true);
            }
        }
        catch (AccessRefusedException)
        {
            // The session ended or is idle. The shell asks the person to sign in, and the next refresh reads again.
        }
        catch (Exception broken)
        {
            await DispatchExceptionAsync(broken);
        }
        finally
        {
            refreshing = false;
        }
    }

    [LoggerMessage(LogLevel.Error, "An import could not be read or changed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
