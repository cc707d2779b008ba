namespace OpenCrm.Portal.Sessions;

/// <summary>What nodes tell one another when somebody's role or name changes: the sessions whose open pages are to be judged again.</summary>
internal static class ChangedNotice
{
    private const string Subject = "person-changed";

    public static string Write(IEnumerable<Guid> sessions) => $"{Subject} {string.Join(' ', sessions.Select(id => id.ToString("N")))}";

    /// <summary>Null for a notice about something else.</summary>
    public static IReadOnlyList<Guid>? Read(string payload) => payload.Split(' ') is [Subject, .. var ids] ? [.. ids.Select(Guid.Parse)] : null;
}
