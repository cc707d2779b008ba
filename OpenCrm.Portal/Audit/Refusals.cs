using System.Collections.Concurrent;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Audit;

/// <summary>The kinds of requests that the portal refuses (ASVS 16.3.2, 16.3.3).</summary>
public enum RefusalKind
{
    /// <summary>Somebody asked for a page without the right to see it.</summary>
    PageWithoutRight,

    /// <summary>Somebody asked for a download or another address without the right to it.</summary>
    AddressWithoutRight,

    /// <summary>Somebody asked a service for an action without the right to it. No page offers them that action.</summary>
    ActionWithoutRight,

    /// <summary>Too many mailed links were asked for from one network (<c>Limits:MailedLinks</c>).</summary>
    MailedLinkLimit,

    /// <summary>Too many wrong answers came from one network (<c>Limits:SignInFailures</c>).</summary>
    SignInLimit,

    /// <summary>Too many set-up codes were tried.</summary>
    SetUpLimit,

    /// <summary>A mailed link does not work, or not here.</summary>
    MailedLink,

    /// <summary>A sign-in ticket was not issued to this browser, or is used up.</summary>
    Ticket,

    /// <summary>A request that changes something came without the page's antiforgery token.</summary>
    Antiforgery,
}

/// <summary>
/// Logs one line for each refusal: its kind, who, from where, what in particular; never a token, a password or what was typed. An attack causes
/// thousands of refusals, so the same line is written once a minute, and of one kind at most <see cref="LinesAMinute"/>; the number of the others
/// follows when the minute is over.
/// </summary>
public sealed class Refusals(TimeProvider time, ILogger<Refusals> log) : IDisposable
{
    internal const int LinesAMinute = 30;

    private const int LongestWord = 200;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<RefusalKind, Count> _counts = [];

    /// <summary>Logs a refusal, unless the minute's lines are used up.</summary>
    /// <param name="who">Who made the request; null if unknown. A person is logged by the id.</param>
    /// <param name="what">
    /// What in particular. It may hold strangers' words: they are cut short, and characters that a terminal would act upon are replaced.
    /// </param>
    public void Note(RefusalKind kind, Caller? who, string what) => Note(kind, (who as Caller.Person)?.UserId, who?.Address, what);

    /// <inheritdoc cref="Note(RefusalKind, Caller, string)" />
    /// <param name="address">The client's address.</param>
    public void Note(RefusalKind kind, Guid? person, string? address, string what)
    {
        var clean = Clean(what);
        var counts = _counts.GetOrAdd(kind, _ => new());
        if (counts.MayLog((person, address, clean), () => time.CreateTimer(_ => Close(kind), null, Minute, Timeout.InfiniteTimeSpan)))
            log.Refused(kind, clean, person, address);
    }

    public void Dispose()
    {
        foreach (var count in _counts.Values) count.Dispose();
    }

    /// <summary>Keeps printable ASCII and letters; other characters could draw on a terminal or forge a line.</summary>
    internal static string Clean(string what)
    {
        var cut = what.Length <= LongestWord ? what : what[..LongestWord] + "…";
        return string.Concat(cut.Select(c => c is >= ' ' and < '\u007f' or '…' || char.IsLetterOrDigit(c) ? c : '?'));
    }

    private void Close(RefusalKind kind)
    {
        if (_counts[kind].Close() is > 0 and var more) log.More(kind, more);
    }

    private sealed class Count : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly HashSet<(Guid?, string?, string)> _logged = [];
        private int _more;
        private ITimer? _window;

        public bool MayLog((Guid?, string?, string) line, Func<ITimer> window)
        {
            lock (_gate)
            {
                _window ??= window();
                // A full set takes no more, so that strangers cannot fill the memory.
                if (_logged.Count < LinesAMinute && _logged.Add(line)) return true;
                _more++;
                return false;
            }
        }

        public int Close()
        {
            lock (_gate)
            {
                var more = _more;
                _window?.Dispose();
                (_window, _more) = (null, 0);
                _logged.Clear();
                return more;
            }
        }

        public void Dispose() => Close();
    }
}

internal static partial class RefusalsLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused: {Refusal}. {What} (person {Person}, client {Client})")]
    internal static partial void Refused(this ILogger log, RefusalKind refusal, string what, Guid? person, string? client);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused: {Refusal}, {More} times more in this minute")]
    internal static partial void More(this ILogger log, RefusalKind refusal, int more);
}
