using System.Collections.Concurrent;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Audit;

/// <summary>What the portal refused, by kind (ASVS 16.3.2, 16.3.3).</summary>
public enum RefusalKind
{
    /// <summary>A page was asked for by somebody who may not see it.</summary>
    PageWithoutRight,

    /// <summary>Likewise a download, or another address.</summary>
    AddressWithoutRight,

    /// <summary>A service was asked for what the person may not do: the page offers no such thing.</summary>
    ActionWithoutRight,

    /// <summary>A link by mail was asked for too often from one network (<c>Limits:MailedLinks</c>).</summary>
    MailedLinkLimit,

    /// <summary>Too many wrong answers from one network (<c>Limits:SignInFailures</c>).</summary>
    SignInLimit,

    /// <summary>Too many tries with set-up codes.</summary>
    SetUpLimit,

    /// <summary>A mailed link that does not work, or not here.</summary>
    MailedLink,

    /// <summary>A sign-in ticket that was not issued to this browser, or is used up.</summary>
    Ticket,

    /// <summary>A request that changes something came without the page's antiforgery token.</summary>
    Antiforgery,
}

/// <summary>
/// One line in the log for each refusal: its kind, who, from where, what in particular, and never a token, a password or what was typed. What is refused is often refused in thousands:
/// the same line stands once a minute, and of one kind <see cref="LinesAMinute"/> at most; how many more there were is told when the minute is over.
/// </summary>
public sealed class Refusals(TimeProvider time, ILogger<Refusals> log) : IDisposable
{
    internal const int LinesAMinute = 30;

    private const int LongestWord = 200;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<RefusalKind, Count> _counts = [];

    /// <param name="who">Whose request it is, if anybody's; a person is named by the id.</param>
    /// <param name="what">What in particular; strangers' words in it are cut short and stripped of what a terminal would act upon.</param>
    public void Note(RefusalKind kind, Caller? who, string what) => Note(kind, (who as Caller.Person)?.UserId, who?.Address, what);

    /// <inheritdoc cref="Note(RefusalKind, Caller, string)" />
    /// <param name="address">The client's.</param>
    public void Note(RefusalKind kind, Guid? person, string? address, string what)
    {
        var clean = Clean(what);
        if (_counts.GetOrAdd(kind, _ => new()).MayTell((person, address, clean), () => time.CreateTimer(_ => Close(kind), null, Minute, Timeout.InfiniteTimeSpan)))
            log.Refused(kind, clean, person, address);
    }

    public void Dispose()
    {
        foreach (var count in _counts.Values) count.Dispose();
    }

    /// <summary>Printable ASCII and letters stay; the rest could draw on a terminal or forge a line.</summary>
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
        private readonly HashSet<(Guid?, string?, string)> _told = [];
        private int _more;
        private ITimer? _window;

        public bool MayTell((Guid?, string?, string) line, Func<ITimer> window)
        {
            lock (_gate)
            {
                _window ??= window();
                // A set that is full takes no more: what strangers send fills no memory.
                if (_told.Count < LinesAMinute && _told.Add(line)) return true;
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
                _told.Clear();
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
