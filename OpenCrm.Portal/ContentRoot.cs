namespace OpenCrm.Portal;

/// <summary>
/// Finds the folder that holds <c>wwwroot</c>: the program's own folder when published, from wherever it is called; the project's folder when run
/// from source, where it is the working directory.
/// </summary>
internal static class ContentRoot
{
    public static string Find() =>
        Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot")) ? AppContext.BaseDirectory : Directory.GetCurrentDirectory();
}
