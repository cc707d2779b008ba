using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Outbox;

/// <summary>The page Settings → Outbox. While it is open, the list is refreshed as mails are sent.</summary>
public sealed partial class OutboxPage(
    OutboxList mails,
    OutboxWatch watch,
    BrowserTime browser,
    ReaderCulture reader,
    Announcer announcer,
    NavigationManager navigation,
    ILogger<OutboxPage> log) : AddressedList<OutboxQuery>(announcer, navigation)
{
    private OutboxPart? part;
    private OutboxCounts? counts;
    private string? problem;
    private bool acting;

    protected override string Heard => part is { Rows.Count: 0 } ? Texts.Outbox_EmptyTitle : Summary;

    private string Summary => part is null || counts is null ? "" : Phrase.Of(Texts.Outbox_Shown, part.Rows.Count, FilterChip.Number(counts.All));

    protected override async Task OnInitializedAsync()
    {
        // The prerendered page is discarded at once and needs no updates.
        if (RendererInfo.IsInteractive) watch.Looked += OnLooked;
        await base.OnInitializedAsync();
    }

    protected override void Leave() => watch.Looked -= OnLooked;

    protected override async Task ReadAsync(OutboxQuery asked, CancellationToken cancel) => part = await mails.ReadAsync(asked, cancel);

    protected override async Task CountAsync(OutboxQuery asked, CancellationToken cancel) => counts = await mails.CountAsync(asked, cancel);

    protected override void Note(Exception broken) => LogFailed(log, broken);

    private string Word(MailState state) => state switch
    {
        MailState.Waiting => Texts.Outbox_Waiting,
        MailState.Failed => Texts.Outbox_Failed,
        _ => part?.PickupFolder is null ? Texts.Outbox_Sent : Texts.Outbox_Written,
    };

    private string StateOf(OutboxRow row) => Word(row.State switch
    {
        OutboxState.Sent => MailState.Sent,
        OutboxState.Dead => MailState.Failed,
        _ => MailState.Waiting,
    });

    /// <summary>Says what happened to a message, such as "The mailbox is full. Tried 5 times."</summary>
    private string Story(OutboxRow row)
    {
        List<string> sentences = [];
        if (row.State == OutboxState.Sent && row is { Attempts: > 1, SentAt: { } sent })
            sentences.Add(Phrase.Of(Texts.Outbox_SentAt, browser.Exact(sent)));
        if (row.State != OutboxState.Sent && row.LastError is { } error) sentences.Add(FailureWording.Sentence(error));
        if (row.Attempts == 1 && row.State != OutboxState.Sent) sentences.Add(Texts.Outbox_TriedOnce);
        if (row.Attempts > 1) sentences.Add(Phrase.Of(Texts.Outbox_Tried, row.Attempts));
        if (row.InFlight) sentences.Add(Texts.Outbox_Sending);
        else if (row.State == OutboxState.Waiting && row.Attempts > 0)
            sentences.Add(Phrase.Of(Texts.Outbox_NextTry, browser.Local(row.NextAttemptAt).ToString("T", browser.Culture)));
        return string.Join(' ', sentences);
    }

    // Raised by a worker, which has the culture of nobody.
    private void OnLooked() => _ = InvokeAsync(async () =>
    {
        reader.Apply();
        await RefreshAsync();
    });

    /// <summary>Reads the list again after a mail was sent, by this node or another. A page that is being read already is not read twice.</summary>
    private async Task RefreshAsync()
    {
        if (Loading || Failed) return;
        try
        {
            await LoadAsync(quiet: true);
        }
        catch (AccessRefusedException)
        {
            // The session ended or is idle. The shell asks the person to sign in, and the next refresh reads again.
        }
        catch (Exception broken)
        {
            await DispatchExceptionAsync(broken);
        }
    }

    private Task SendAgainAsync(Guid id) => RunAsync(async () =>
    {
        if (await mails.SendAgainAsync(id)) Announcer.Announce(Texts.Outbox_Again);
        else problem = Texts.Outbox_NotAgain;
    });

    private Task SendTestAsync() => RunAsync(async () => Announcer.Announce(Phrase.Of(Texts.Outbox_TestQueued, await mails.SendTestAsync())));

    private async Task RunAsync(Func<Task> act)
    {
        // Pressing twice must not send two mails.
        if (acting) return;
        (acting, problem) = (true, null);
        problem = await PageAction.RunAsync(
            async () =>
            {
                await act();
                await LoadAsync(quiet: true);
            },
            broken => LogFailed(log, broken), Texts.Outbox_NotDone) ?? problem;
        acting = false;
    }

    private void Clear() => Clear(new OutboxQuery());

    [LoggerMessage(LogLevel.Error, "The outbox could not be read or changed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
