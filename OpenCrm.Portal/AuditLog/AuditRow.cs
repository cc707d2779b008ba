namespace OpenCrm.Portal.AuditLog;

/// <summary>An event as the trail shows one, projected in the query.</summary>
/// <param name="About">The subject's name today.</param>
public sealed record AuditRow(long Id, DateTimeOffset At, string Kind, string Details, string By, bool ByPerson, Guid? AboutId, string? About, string? Address)
{
    public AuditCursor Cursor => new(At, Id);
}

/// <summary>Whom the typed user means.</summary>
public enum AuditUserMatch
{
    /// <summary>Nothing was typed, or it is somebody.</summary>
    Fine,
    Nobody,
    TooMany,
}

/// <summary>One page of the trail, the newest first. A cursor is null where there is nothing to turn to.</summary>
public sealed record AuditPage(AuditUserMatch Match, IReadOnlyList<AuditRow> Rows, AuditCursor? Newer, AuditCursor? Older);
