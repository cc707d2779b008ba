using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Outbox;

/// <summary>Settings → Outbox. What is shown stands in the address, and follows what is sent while the page is open.</summary>
public sealed partial class OutboxPage : IDisposable
{
    /// <summary>Longer than the gap between two keys of somebody who types, too short to be waited for.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private OutboxQuery query = new();
    private OutboxPart? part;
    private OutboxCounts? counts;
    private string typed = "", sought = "";
    private string? problem;
    private bool loading, failed, acting;
    private readonly LatestQuestion reading = new(), typing = new();

    [Inject] private OutboxList Mails { get; set; } = null!;

    [Inject] private OutboxWatch Watch { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private BrowserTime Browser { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private ILogger<OutboxPage> Log { get; set; } = null!;

    private string Summary => part is null || counts is null ? "" : Phrase.Of(Texts.Outbox_Shown, part.Rows.Count, FilterChip.Number(counts.All));

    /// <summary>More stands in the field than is searched for; it stays there, and is said.</summary>
    private bool IsCut => typed.Trim().Length > OutboxQuery.SearchLength;

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        Watch.Looked -= OnLooked;
        reading.Dispose();
        typing.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += OnLocationChanged;
        // The prerendered page is thrown away at once.
        if (RendererInfo.IsInteractive) Watch.Looked += OnLooked;
        await LoadAsync();
    }

    private string Word(MailState state) => state switch
    {
        MailState.Waiting => Texts.Outbox_Waiting,
        MailState.Failed => Texts.Outbox_Failed,
        _ => part?.PickupFolder is null ? Texts.Outbox_Sent : Texts.Outbox_Written,
    };

    private string StateOf(OutboxRow row) => Word(row.State switch { OutboxState.Sent => MailState.Sent, OutboxState.Dead => MailState.Failed, _ => MailState.Waiting });

    /// <summary>"The mailbox is full. Tried 5 times."</summary>
    private string Story(OutboxRow row)
    {
        List<string> told = [];
        if (row.State == OutboxState.Sent && row is { Attempts: > 1, SentAt: { } sent }) told.Add(Phrase.Of(Texts.Outbox_SentAt, Browser.Exact(sent)));
        if (row.State != OutboxState.Sent && row.LastError is { } error) told.Add(Sentence(error));
        if (row.Attempts == 1 && row.State != OutboxState.Sent) told.Add(Texts.Outbox_TriedOnce);
        if (row.Attempts > 1) told.Add(Phrase.Of(Texts.Outbox_Tried, row.Attempts));
        if (row.InFlight) told.Add(Texts.Outbox_Sending);
        else if (row.State == OutboxState.Waiting && row.Attempts > 0) told.Add(Phrase.Of(Texts.Outbox_NextTry, Browser.Local(row.NextAttemptAt).ToString("T", Browser.Culture)));
        return string.Join(' ', told);
    }

    /// <summary>Without the names that only a programmer knows.</summary>
    private static string Sentence(string error)
    {
        var words = ExceptionName().Replace(error, "");
        return words.EndsWith('.') ? words : $"{words}.";
    }

    [GeneratedRegex(@"\b[A-Za-z]+Exception: ", RegexOptions.NonBacktracking)]
    private static partial Regex ExceptionName();

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        if (Navigation.ToAbsoluteUri(change.Location).AbsolutePath == PortalUrls.Outbox) _ = InvokeAsync(FollowAsync);
    }

    private void OnLooked() => _ = InvokeAsync(RefreshAsync);

    /// <summary>Something was sent, here or by another node. What is being read anyway need not be read twice.</summary>
    private async Task RefreshAsync()
    {
        if (!loading && !failed) await FollowAsync(quiet: true);
    }

    private Task FollowAsync() => FollowAsync(quiet: false);

    private async Task FollowAsync(bool quiet)
    {
        try
        {
            await LoadAsync(quiet);
        }
        catch (AccessRefusedException) when (quiet)
        {
            // The session ended or is idle: the frame asks to sign in by itself, and the next look reads again.
            loading = false;
        }
        catch (Exception broken)
        {
            await DispatchExceptionAsync(broken);
        }
    }

    private Task LoadAsync() => LoadAsync(quiet: false);

    private async Task LoadAsync(bool quiet)
    {
        var cancel = await reading.AskAsync();
        if (cancel.IsCancellationRequested) return;
        var asked = OutboxQuery.Parse(Navigation.ToAbsoluteUri(Navigation.Uri).Query);
        // Keys that were pressed meanwhile stay; only an address that is not from here (back, F5) replaces what is typed.
        if (asked.Search != sought) typed = sought = asked.Search;
        (query, loading, failed) = (asked, true, false);
        if (!quiet) StateHasChanged();
        try
        {
            part = await Mails.ReadAsync(asked, cancel);
            loading = false;
            StateHasChanged();
            counts = await Mails.CountAsync(asked, cancel);
            StateHasChanged();
            if (!quiet) Announcer.Say(part.Rows.Count == 0 ? Texts.Outbox_EmptyTitle : Summary);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // The next question is being answered, or the page was left: how a query ends that was called off is the database's affair.
        }
        catch (Exception broken) when (broken is DbException or InvalidOperationException or TimeoutException)
        {
            LogFailed(Log, broken);
            (loading, failed) = (false, true);
            StateHasChanged();
        }
    }

    private Task SendAgainAsync(Guid id) => RunAsync(async () =>
    {
        if (await Mails.SendAgainAsync(id)) Announcer.Announce(Texts.Outbox_Again);
        else problem = Texts.Outbox_NotAgain;
    });

    private Task SendTestAsync() => RunAsync(async () => Announcer.Announce(Phrase.Of(Texts.Outbox_TestQueued, await Mails.SendTestAsync())));

    private async Task RunAsync(Func<Task> act)
    {
        // Pressed twice: one mail.
        if (acting) return;
        (acting, problem) = (true, null);
        problem = await PageAction.RunAsync(
            async () =>
            {
                await act();
                await LoadAsync(quiet: true);
            },
            broken => LogFailed(Log, broken), Texts.Outbox_NotDone) ?? problem;
        acting = false;
    }

    private async Task OnTypedAsync(ChangeEventArgs change)
    {
        typed = change.Value as string ?? "";
        if ((await typing.RestAsync(Pause)).IsCancellationRequested) return;
        // One entry of the history a search, not one a key.
        if (OutboxQuery.Clean(typed) != query.Search) Turn(query, replace: query.Search.Length > 0);
    }

    private void Clear()
    {
        typed = "";
        Show(new OutboxQuery());
    }

    private void Show(OutboxQuery asked) => Turn(asked.AtNewest());

    private void Turn(OutboxQuery asked, bool replace = false)
    {
        // A click while somebody types takes the typed text along.
        sought = OutboxQuery.Clean(typed);
        if (sought != asked.Search) asked = (asked with { Search = sought }).AtNewest();
        Navigation.NavigateTo(PortalUrls.Outbox + asked.ToQueryString(), replace: replace);
    }

    [LoggerMessage(LogLevel.Error, "The outbox could not be read or changed")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
