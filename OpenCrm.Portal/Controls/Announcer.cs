namespace OpenCrm.Portal.Controls;

/// <summary>Tells people what has just been done ("Saved"), through the one polite status region of the page.</summary>
public sealed class Announcer
{
    internal event Action<Announcement>? Announced;

    /// <summary>Seen as a short note at the lower edge, and heard.</summary>
    public void Announce(string text) => Announced?.Invoke(new Announcement(text, Seen: true));

    /// <summary>Heard only: for what the page itself shows already, such as the number of rows found.</summary>
    public void Say(string text) => Announced?.Invoke(new Announcement(text, Seen: false));

    internal sealed record Announcement(string Text, bool Seen);
}
