namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Marks an endpoint that answers everybody alike: a file, a health probe. Its requests do not look up a session, so that neither depends on the
/// database: a page cut off from it still gets its styles, and a portal that waits for it is not restarted.
/// </summary>
public sealed class AsksNobody
{
    private AsksNobody() { }

    public static readonly AsksNobody Mark = new();
}
