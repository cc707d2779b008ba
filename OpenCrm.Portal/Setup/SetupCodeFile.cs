using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Setup;

/// <summary>
/// The set-up code as a file of the data folder, until set-up is done (docs/spec.md 8.1): a service or a container has no console that anybody
/// watches. Only the account of the portal can read it, as it can read the key ring beside it.
/// </summary>
public sealed class SetupCodeFile(DataFolder folder, ILogger<SetupCodeFile> log)
{
    public string Path { get; } = folder.File(null, "set-up-code");

    /// <summary>Writes a new code in place of an older one. A folder that takes no file stops nothing: the console shows the code too.</summary>
    internal void Write(string code)
    {
        try
        {
            // Removed first, because a file that is there keeps its rights, or is a link to another one.
            File.Delete(Path);
            PrivateFiles.Make(Path, code + Environment.NewLine);
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            log.CodeNotWritten(Path, Outage.OneLine(denied.Message));
        }
    }

    /// <summary>Removes the file, if there is one.</summary>
    internal void Remove()
    {
        try
        {
            File.Delete(Path);
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            log.CodeNotRemoved(Path, Outage.OneLine(denied.Message));
        }
    }
}

internal static partial class SetupCodeFileLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The set-up code cannot be written to {File}: {Why}. This console shows it")]
    internal static partial void CodeNotWritten(this ILogger log, string file, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The portal is set up, but {File} cannot be removed: {Why}. Its code no longer works")]
    internal static partial void CodeNotRemoved(this ILogger log, string file, string why);
}
