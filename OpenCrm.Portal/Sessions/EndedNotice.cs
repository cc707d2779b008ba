namespace OpenCrm.Portal.Sessions;

/// <summary>What nodes tell one another when sessions end: the reason and the ids. PostgreSQL carries 8,000 bytes.</summary>
internal static class EndedNotice
{
    private const string Subject = "sessions-ended";

    /// <summary>Ids in one notice.</summary>
    public const int Most = 200;

    public static string Write(IEnumerable<Guid> ids, SessionEnd why) => $"{Subject} {why} {string.Join(' ', ids.Select(id => id.ToString("N")))}";

    /// <summary>Null for a notice about something else.</summary>
    public static (IReadOnlyList<Guid> Ids, SessionEnd Why)? Read(string payload) =>
        payload.Split(' ') is [Subject, var why, .. var ids] && Enum.TryParse<SessionEnd>(why, out var reason)
            ? ([.. ids.Select(Guid.Parse)], reason)
            : null;
}
