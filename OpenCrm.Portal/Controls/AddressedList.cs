using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// A page of rows that can be searched, filtered and paged. The address holds what is shown: every choice is a navigation, every navigation reads the
/// rows, and only the latest reading counts. The derived page reads and draws.
/// </summary>
public abstract class AddressedList<TQuery>(Announcer announcer, NavigationManager navigation) : ComponentBase, IDisposable
    where TQuery : class, IAddressedQuery<TQuery>, new()
{
    /// <summary>Longer than the gap between two keystrokes, but too short to feel like waiting.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly LatestQuestion _reading = new(), _typing = new();

    /// <summary>The queries that this page has navigated to and that the browser has not reached yet.</summary>
    private readonly Queue<TQuery> _sent = new();

    protected Announcer Announcer { get; } = announcer;

    /// <summary>The query that is shown or being read.</summary>
    protected TQuery Query { get; private set; } = new();

    /// <summary>The text in the search field.</summary>
    protected string Typed { get; private set; } = "";

    /// <summary>Whether the rows are being read.</summary>
    protected bool Loading { get; private set; }

    /// <summary>Whether the last reading failed.</summary>
    protected bool Failed { get; private set; }

    /// <summary>Whether the text is longer than what is searched for. It stays in the field, and the page says so.</summary>
    protected bool IsCut => Typed.Trim().Length > TQuery.MostSearched;

    /// <summary>Whether the field or the address contains characters that are not searched for.</summary>
    protected bool LeavesOut => Query.LeftOut || TQuery.LeavesOut(Typed);

    /// <summary>The text that a screen reader hears once the rows are read.</summary>
    protected abstract string Heard { get; }

    private TQuery Address => TQuery.Parse(navigation.ToAbsoluteUri(navigation.Uri).Query);

    public void Dispose()
    {
        navigation.LocationChanged -= OnLocationChanged;
        Leave();
        _reading.Dispose();
        _typing.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Called when the page is left.</summary>
    protected virtual void Leave()
    {
    }

    /// <summary>Reads the rows.</summary>
    protected abstract Task ReadAsync(TQuery asked, CancellationToken cancel);

    /// <summary>Counts what each filter would show; the rows are shown already.</summary>
    protected virtual Task CountAsync(TQuery asked, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Completes the query with what the address does not contain, such as the browser's time zone.</summary>
    protected virtual TQuery Completed(TQuery address) => address;

    /// <summary>Tells what is shown now.</summary>
    protected virtual void Tell() => Announcer.Say(Heard);

    /// <summary>Called when the rows could not be read; the page shows the failure itself.</summary>
    protected virtual void Note(Exception broken)
    {
    }

    protected override async Task OnInitializedAsync()
    {
        navigation.LocationChanged += OnLocationChanged;
        Typed = Address.Sought;
        await LoadAsync();
    }

    /// <summary>Reads the rows of the current address.</summary>
    protected Task LoadAsync() => LoadAsync(quiet: false);

    /// <param name="quiet">True if nobody asked for the reading: the old rows stay until new ones are there, and nothing is announced.</param>
    protected async Task LoadAsync(bool quiet)
    {
        var cancel = await _reading.AskAsync();
        if (cancel.IsCancellationRequested) return;
        var asked = Completed(Address);
        (Query, Loading, Failed) = (asked, true, false);
        if (!quiet) StateHasChanged();
        try
        {
            await ReadAsync(asked, cancel);
            Loading = false;
            StateHasChanged();
            await CountAsync(asked, cancel);
            StateHasChanged();
            if (!quiet) Tell();
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // A newer query is being read, or the page was left. Which exception a cancelled query ends in depends on the database.
        }
        catch (Exception broken) when (broken is DbException or InvalidOperationException or TimeoutException)
        {
            Note(broken);
            (Loading, Failed) = (false, true);
            StateHasChanged();
        }
        catch (Exception)
        {
            Loading = false;
            throw;
        }
    }

    /// <summary>Reads again, after an event that nobody awaits: its exception is passed on to the page.</summary>
    protected async Task FollowAsync()
    {
        try
        {
            await LoadAsync();
        }
        catch (Exception broken)
        {
            await DispatchExceptionAsync(broken);
        }
    }

    protected async Task OnTypedAsync(string? text)
    {
        Typed = text ?? "";
        if ((await _typing.RestAsync(Pause)).IsCancellationRequested) return;
        // One history entry for each search, not for each keystroke.
        if (TQuery.Clean(Typed) != Query.Sought) Turn(Query, replace: Query.Sought.Length > 0);
    }

    /// <summary>Shows this query with an empty search field.</summary>
    protected void Clear(TQuery everything)
    {
        Typed = "";
        Show(everything);
    }

    /// <summary>Shows this query from its first page.</summary>
    protected void Show(TQuery asked) => Turn(asked.AtStart());

    /// <summary>Shows this page of the query.</summary>
    /// <param name="replace">Whether it replaces the current history entry.</param>
    protected void Turn(TQuery asked, bool replace = false)
    {
        // A click during typing takes the typed text along.
        if (TQuery.Clean(Typed) is var text && text != asked.Sought) asked = asked.SearchingFor(text);
        // Set at once, because the next click may come before the browser has arrived.
        Query = asked;
        var address = asked.ToQueryString();
        _sent.Enqueue(TQuery.Parse(address));
        navigation.NavigateTo(TQuery.Path + address, replace: replace);
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        var address = navigation.ToAbsoluteUri(change.Location);
        if (address.AbsolutePath == TQuery.Path) _ = InvokeAsync(() => ArriveAsync(TQuery.Parse(address.Query)));
    }

    private async Task ArriveAsync(TQuery asked)
    {
        var own = _sent.Contains(asked);
        while (_sent.TryDequeue(out var arrived) && !arrived.Equals(asked))
        {
            // This navigation was overtaken by the one that arrived.
        }
        // The page has navigated on already; the current choice is in the next address.
        if (own && _sent.Count > 0) return;
        // Text typed meanwhile stays. Only an address from elsewhere, such as the browser's Back, replaces it.
        if (!own) Typed = asked.Sought;
        await FollowAsync();
    }
}
