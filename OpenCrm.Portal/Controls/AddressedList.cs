using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace OpenCrm.Portal.Controls;

/// <summary>
/// A page of rows that can be searched, filtered and turned. What is shown stands in the address; every choice is a navigation, and every navigation a reading, of which only
/// the latest counts. The page itself reads and draws.
/// </summary>
public abstract class AddressedList<TQuery> : ComponentBase, IDisposable where TQuery : class, IAddressedQuery<TQuery>, new()
{
    /// <summary>Longer than the gap between two keys of somebody who types, too short to be waited for.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly LatestQuestion reading = new(), typing = new();

    /// <summary>Where this page has sent the browser, and the browser has not arrived yet.</summary>
    private readonly Queue<TQuery> sent = new();

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] protected Announcer Announcer { get; set; } = null!;

    /// <summary>What is shown, or being read.</summary>
    protected TQuery Query { get; private set; } = new();

    /// <summary>What stands in the search field.</summary>
    protected string Typed { get; private set; } = "";

    /// <summary>The rows are being read.</summary>
    protected bool Loading { get; private set; }

    /// <summary>The last reading failed.</summary>
    protected bool Failed { get; private set; }

    /// <summary>More stands in the field than is searched for; it stays there, and is said.</summary>
    protected bool IsCut => Typed.Trim().Length > TQuery.MostSearched;

    /// <summary>Something stands in the field, or came by the address, that is not searched for.</summary>
    protected bool LeavesOut => Query.LeftOut || TQuery.LeavesOut(Typed);

    /// <summary>What a screen reader hears once the rows are there.</summary>
    protected abstract string Heard { get; }

    private TQuery Address => TQuery.Parse(Navigation.ToAbsoluteUri(Navigation.Uri).Query);

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        Leave();
        reading.Dispose();
        typing.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The page is left.</summary>
    protected virtual void Leave()
    {
    }

    /// <summary>Reads the rows.</summary>
    protected abstract Task ReadAsync(TQuery asked, CancellationToken cancel);

    /// <summary>Counts what the filters would show; the rows are shown already.</summary>
    protected virtual Task CountAsync(TQuery asked, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>What the address leaves to the browser.</summary>
    protected virtual TQuery Completed(TQuery address) => address;

    /// <summary>The rows could not be read; the page says so.</summary>
    protected virtual void Note(Exception broken)
    {
    }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += OnLocationChanged;
        Typed = Address.Sought;
        await LoadAsync();
    }

    /// <summary>Reads what the address says.</summary>
    protected Task LoadAsync() => LoadAsync(quiet: false);

    /// <param name="quiet">Nobody asked: what is shown stays until there is something newer, and nothing is announced.</param>
    protected async Task LoadAsync(bool quiet)
    {
        var cancel = await reading.AskAsync();
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
            if (!quiet) Announcer.Say(Heard);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // The next question is being answered, or the page was left: how a query ends that was called off is the database's affair.
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

    /// <summary>Reads again, on an event that nobody waits for: what it ends in is the page's to show.</summary>
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
        if ((await typing.RestAsync(Pause)).IsCancellationRequested) return;
        // One entry of the history a search, not one a key.
        if (TQuery.Clean(Typed) != Query.Sought) Turn(Query, replace: Query.Sought.Length > 0);
    }

    /// <summary>Shows this with an empty search field.</summary>
    protected void Clear(TQuery everything)
    {
        Typed = "";
        Show(everything);
    }

    /// <summary>Shows another choice, from its first page.</summary>
    protected void Show(TQuery asked) => Turn(asked.AtStart());

    /// <summary>Shows this page of the list.</summary>
    /// <param name="replace">It takes the place of the address that is shown now.</param>
    protected void Turn(TQuery asked, bool replace = false)
    {
        // A click while somebody types takes the typed text along.
        if (TQuery.Clean(Typed) is var text && text != asked.Sought) asked = asked.SearchingFor(text);
        // Known at once: the next click may come before the browser has arrived.
        Query = asked;
        var address = asked.ToQueryString();
        sent.Enqueue(TQuery.Parse(address));
        Navigation.NavigateTo(TQuery.Path + address, replace: replace);
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        var address = Navigation.ToAbsoluteUri(change.Location);
        if (address.AbsolutePath == TQuery.Path) _ = InvokeAsync(() => ArriveAsync(TQuery.Parse(address.Query)));
    }

    private async Task ArriveAsync(TQuery asked)
    {
        var own = sent.Contains(asked);
        while (sent.TryDequeue(out var arrived) && !arrived.Equals(asked))
        {
            // Overtaken by this one.
        }
        // Sent on already: what is chosen now stands in the next address.
        if (own && sent.Count > 0) return;
        // Keys that were pressed meanwhile stay; only an address that is not from here (back) replaces what is typed.
        if (!own) Typed = asked.Sought;
        await FollowAsync();
    }
}
