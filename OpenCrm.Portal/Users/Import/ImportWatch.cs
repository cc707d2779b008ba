namespace OpenCrm.Portal.Users.Import;

/// <summary>Tells the open pages of this node that an import moved on. What other nodes do, the pages find when they look each second.</summary>
public sealed partial class ImportWatch(ILogger<ImportWatch> logger)
{
    /// <summary>Raised by the worker, which has the culture of nobody.</summary>
    public event Action? Moved;

    internal void Notify()
    {
        foreach (var page in Moved?.GetInvocationList().Cast<Action>() ?? [])
        {
            try
            {
                page();
            }
            catch (Exception failed)
            {
                // A page that is just being closed must not keep the others from being notified.
                LogPageNotNotified(failed);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An open page could not be notified that an import moved on")]
    private partial void LogPageNotNotified(Exception failed);
}
