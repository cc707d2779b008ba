namespace OpenCrm.Portal.Data;

/// <summary>Keeps the portal's own folder and files from other accounts. On Windows the folder's access list is left to the operator.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnersFolder);
    }

    /// <summary>Makes a file that nobody else can read at any moment; fails if there is one already.</summary>
    public static void Make(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(path, options);
        file.Write(text);
    }

    /// <summary>Removes all rights of other accounts.</summary>
    /// <returns>Null, or what other accounts can still read and why.</returns>
    public static string? Tighten(string path)
    {
        if (OperatingSystem.IsWindows() || !Path.Exists(path)) return null;
        try
        {
            var mode = File.GetUnixFileMode(path);
            if ((mode & Others) == 0) return null;
            // Shared on purpose, as /tmp is: taking it from all other accounts would break the machine.
            if (mode.HasFlag(UnixFileMode.StickyBit)) return $"{path} is a folder that all accounts share";
            File.SetUnixFileMode(path, mode & ~Others);
            return null;
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            return $"{path} may be read by other accounts, and its rights cannot be changed";
        }
    }
}

/// <summary>Logs at start which files could not be kept from other accounts.</summary>
internal sealed class ExposedFiles(DataFolder folder, ILogger<ExposedFiles> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var exposed in folder.Exposed) log.Exposed(exposed);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static partial class ExposedFilesLog
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{What} (Portal:DataFolder, ConnectionStrings:Portal). Give the portal a folder that its account owns, with mode 0700")]
    internal static partial void Exposed(this ILogger log, string what);
}
