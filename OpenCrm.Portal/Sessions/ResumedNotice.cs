namespace OpenCrm.Portal.Sessions;

/// <summary>What nodes tell one another when somebody signed in again to an idle session: its id. Its pages on other nodes close the dialog.</summary>
internal static class ResumedNotice
{
    private const string Subject = "session-resumed";

    public static string Write(Guid id) => $"{Subject} {id:N}";

    /// <summary>Null for a notice about something else.</summary>
    public static Guid? Read(string payload) => payload.Split(' ') is [Subject, var id] && Guid.TryParse(id, out var session) ? session : null;
}
