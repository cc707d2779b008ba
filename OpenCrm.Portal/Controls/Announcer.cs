namespace OpenCrm.Portal.Controls;

/// <summary>Tells people what has just been done ("Saved"), through the page's one polite status region.</summary>
public sealed class Announcer
{
    private (string Path, string Text)? _onArrival;

    internal event Action<Announcement>? Announced;

    /// <summary>Announces a text that is seen as a short note at the lower edge, and heard.</summary>
    public void Announce(string text) => Announced?.Invoke(new Announcement(text, Seen: true));

    /// <summary>Announces a text that is only heard, for what the page itself shows already, such as the number of rows found.</summary>
    public void Say(string text) => Announced?.Invoke(new Announcement(text, Seen: false));

    /// <summary>
    /// Announces once the page at <paramref name="path"/> is shown. A page with another layout has a status region of its own, which does not exist
    /// yet.
    /// </summary>
    public void AnnounceAt(string path, string text) => _onArrival = (path, text);

    internal void Arrive(string path)
    {
        if (_onArrival is not { } waiting || waiting.Path != path) return;
        _onArrival = null;
        Announce(waiting.Text);
    }

    internal sealed record Announcement(string Text, bool Seen);
}
