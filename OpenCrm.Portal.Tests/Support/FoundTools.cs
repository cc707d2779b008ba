namespace OpenCrm.Portal.Tests.Support;

/// <summary>The programs that the tests drive, where they are on this machine; null where they are not.</summary>
public static class FoundTools
{
    public static string? Chromium { get; } =
        Environment.GetEnvironmentVariable("PORTAL_CHROMIUM") is { Length: > 0 } given
            ? File.Exists(given) ? given : null
            : First("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

    public static string? Oathtool { get; } = First("oathtool");

    public static string? Zbarimg { get; } = First("zbarimg");

    /// <summary>Debian puts it where only root's path leads.</summary>
    public static string? HaProxy { get; } = First("haproxy") ?? (File.Exists("/usr/sbin/haproxy") ? "/usr/sbin/haproxy" : null);

    /// <summary>The folder of <c>initdb</c> and <c>postgres</c>, the newest major version that is installed.</summary>
    public static string? PostgresBinaries { get; } =
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .Where(version => File.Exists(Path.Combine(version, "bin", "initdb")))
                .OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var major) ? major : 0)
                .Select(version => Path.Combine(version, "bin"))
                .FirstOrDefault()
            : Path.GetDirectoryName(First("initdb"));

    // Debian's own interpreter first: that is the one Debian's python3-aiosmtpd belongs to.
    public static string? PythonWithAiosmtpd { get; } =
        new[] { "/usr/bin/python3", First("python3") }.FirstOrDefault(python => File.Exists(python) && Imports(python, "aiosmtpd"));

    private static string? First(params string[] names) =>
        (from name in names
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin").Split(Path.PathSeparator).Append("/usr/bin")
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();

    private static bool Imports(string python, string module)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(python, ["-c", $"import {module}"]) { RedirectStandardError = true });
        return process is not null && process.WaitForExit(TimeSpan.FromSeconds(20)) && process.ExitCode == 0;
    }
}
