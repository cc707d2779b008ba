namespace OpenCrm.Portal;

/// <summary>The folder that holds <c>wwwroot</c>: the project when run from source, the program's own when published, wherever it is called from.</summary>
internal static class ContentRoot
{
    public static string Find() =>
        Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot")) ? AppContext.BaseDirectory : Directory.GetCurrentDirectory();
}
