namespace OpenCrm.Portal.AuditLog;

/// <summary>An event as the page shows it, projected in the query.</summary>
/// <param name="About">The subject's present name.</param>
public sealed record AuditRow(
    long Id, DateTimeOffset At, string Kind, string Details, string By, bool ByPerson, Guid? AboutId, string? About, string? Address)
{
    public AuditCursor Cursor => new(At, Id);
}

/// <summary>Whether the typed text names a user.</summary>
public enum AuditUserMatch
{
    /// <summary>Nothing was typed, or it names one or several users.</summary>
    Fine,
    Nobody,
    TooMany,
}

/// <summary>One page of the trail, newest event first. A cursor is null where there is no further page.</summary>
public sealed record AuditPage(AuditUserMatch Match, IReadOnlyList<AuditRow> Rows, AuditCursor? Newer, AuditCursor? Older);
