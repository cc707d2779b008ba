namespace OpenCrm.Portal.Controls;

/// <summary>Tells people what has just been done ("Saved"), through the one polite status region of the page.</summary>
public sealed class Announcer
{
    private (string Path, string Text)? _onArrival;

    internal event Action<Announcement>? Announced;

    /// <summary>Seen as a short note at the lower edge, and heard.</summary>
    public void Announce(string text) => Announced?.Invoke(new Announcement(text, Seen: true));

    /// <summary>Heard only: for what the page itself shows already, such as the number of rows found.</summary>
    public void Say(string text) => Announced?.Invoke(new Announcement(text, Seen: false));

    /// <summary>Announces once the page at <paramref name="path"/> stands: in a layout of its own it has a region of its own, which is not there yet.</summary>
    public void AnnounceAt(string path, string text) => _onArrival = (path, text);

    internal void Arrive(string path)
    {
        if (_onArrival is not { } waiting || waiting.Path != path) return;
        _onArrival = null;
        Announce(waiting.Text);
    }

    internal sealed record Announcement(string Text, bool Seen);
}
