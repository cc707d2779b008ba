namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Marks an endpoint that answers everybody alike: a file, a probe. Whose session a request belongs to is not asked there, so that neither depends on the database (a page cut off from it
/// still gets its styles, and a portal that waits for it is not restarted).
/// </summary>
public sealed class AsksNobody
{
    private AsksNobody() { }

    public static readonly AsksNobody Mark = new();
}
