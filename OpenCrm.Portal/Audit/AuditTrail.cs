using System.Text.Json;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Audit;

/// <summary>Writes events in the same transaction as the change that they report (docs/spec.md 9.1).</summary>
public static class AuditTrail
{
    /// <summary>The actor's name in an event by somebody who is not signed in.</summary>
    public const string NotSignedIn = "Not signed in";

    /// <summary>The actor's name in an event by a command on the server, and by the portal itself.</summary>
    public const string Console = "Console", Portal = "Portal";

    /// <summary>Records the event as done by <paramref name="by"/>. It is written with the unit of work's commit, or not at all.</summary>
    public static void Record(this UnitOfWork work, AuditEvent happened, Caller by) => work.Add(Entry(happened, by, work.Now));

    /// <summary>Makes the audit line of an event.</summary>
    internal static AuditEntry Entry(AuditEvent happened, Caller by, DateTimeOffset at)
    {
        var (actorId, actorName) = by switch
        {
            Caller.Person person => (person.UserId, person.Name),
            Caller.Console => (default(Guid?), Console),
            Caller.Portal => (null, Portal),
            _ => (null, NotSignedIn),
        };
        return new()
        {
            At = at,
            Kind = happened.GetType().Name,
            ActorId = actorId,
            ActorName = actorName,
            SubjectId = happened.About,
            Address = by.Address,
            Details = JsonSerializer.Serialize(happened, happened.GetType()),
        };
    }
}
