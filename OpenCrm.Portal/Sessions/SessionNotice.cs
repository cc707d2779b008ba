namespace OpenCrm.Portal.Sessions;

/// <summary>
/// The notices about sessions that nodes send one another, so that open pages everywhere follow within a second: a closed set, each written as one
/// line of words.
/// </summary>
internal abstract record SessionNotice
{
    private const string EndedSubject = "sessions-ended", ChangedSubject = "person-changed", ResumedSubject = "session-resumed",
        RuleSubject = "mfa-rule-changed";

    private SessionNotice() { }

    /// <summary>The most ids in one notice: PostgreSQL allows 8,000 bytes.</summary>
    public const int Most = 200;

    /// <summary>The sessions ended; their pages leave.</summary>
    public sealed record Ended(IReadOnlyList<Guid> Sessions, SessionEnd Why) : SessionNotice;

    /// <summary>Role, name or language of the sessions' person changed; their pages are evaluated again.</summary>
    public sealed record PersonChanged(IReadOnlyList<Guid> Sessions) : SessionNotice;

    /// <summary>Somebody signed in again to an idle session; its pages close the dialog.</summary>
    public sealed record Resumed(Guid Session) : SessionNotice;

    /// <summary>The rule about who must use MFA changed; every page is evaluated again.</summary>
    public sealed record MfaRuleChanged : SessionNotice;

    /// <summary>Returns the notice as the database carries it.</summary>
    public string Write() => this switch
    {
        Ended ended => $"{EndedSubject} {ended.Why} {Join(ended.Sessions)}",
        PersonChanged changed => $"{ChangedSubject} {Join(changed.Sessions)}",
        Resumed resumed => $"{ResumedSubject} {resumed.Session:N}",
        MfaRuleChanged => RuleSubject,
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Reads a notice; null if it is about something else.</summary>
    public static SessionNotice? Read(string payload) => payload.Split(' ') switch
    {
        [EndedSubject, var why, .. var ids] when Enum.TryParse<SessionEnd>(why, out var reason) => new Ended([.. ids.Select(Guid.Parse)], reason),
        [ChangedSubject, .. var ids] => new PersonChanged([.. ids.Select(Guid.Parse)]),
        [ResumedSubject, var id] when Guid.TryParse(id, out var session) => new Resumed(session),
        [RuleSubject] => new MfaRuleChanged(),
        _ => null,
    };

    private static string Join(IEnumerable<Guid> ids) => string.Join(' ', ids.Select(id => id.ToString("N")));
}
