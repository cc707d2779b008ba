namespace OpenCrm.Portal.Tests.Support;

/// <summary>Paths of the programs that the tests use on this machine; null where one is missing.</summary>
public static class FoundTools
{
    public static string? Chromium { get; } =
        Environment.GetEnvironmentVariable("PORTAL_CHROMIUM") is { Length: > 0 } given
            ? File.Exists(given) ? given : null
            : First("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

    /// <summary>The distribution's browser, not a build by the makers of the driver.</summary>
    public static string? Firefox { get; } = First("firefox-esr", "firefox");

    public static string? WebKitDriver { get; } = First("WebKitWebDriver");

    /// <summary>The small browser that comes with WebKit's library; the driver drives it.</summary>
    public static string? MiniBrowser { get; } =
        Directory.Exists("/usr/lib")
            ? Directory.GetDirectories("/usr/lib", "*-linux-gnu*")
                .Append("/usr/libexec")
                .Select(folder => Path.Combine(folder, "webkit2gtk-4.1", "MiniBrowser"))
                .FirstOrDefault(File.Exists)
            : null;

    public static string? Xvfb { get; } = First("Xvfb");

    public static string? Oathtool { get; } = First("oathtool");

    public static string? Zbarimg { get; } = First("zbarimg");

    public static string? ZXingReader { get; } = First("ZXingReader");

    /// <summary>Debian's own program first: some machines have another one named convert earlier in the path.</summary>
    public static string? ImageMagick { get; } = File.Exists("/usr/bin/convert") ? "/usr/bin/convert" : First("convert");

    public static string? KeePassXc { get; } = First("keepassxc-cli");

    /// <summary>pass, where its extension for codes and the <c>gpg</c> that both need are installed.</summary>
    public static string? PassOtp { get; } =
        First("gpg") is not null && File.Exists("/usr/lib/password-store/extensions/otp.bash") ? First("pass") : null;

    public static string? PythonWithPyotp { get; } =
        new[] { "/usr/bin/python3", First("python3") }.FirstOrDefault(python => File.Exists(python) && Imports(python, "pyotp"));

    public static string? Node { get; } = First("node", "nodejs");

    /// <summary>The packages that <c>npm ci</c> installed, in Support/node or where <c>PORTAL_NODE_MODULES</c> says.</summary>
    public static string? NodeModules { get; } =
        new[]
            {
                Environment.GetEnvironmentVariable("PORTAL_NODE_MODULES"),
                Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal.Tests", "Support", "node", "node_modules")
            }
            .FirstOrDefault(folder => folder is { Length: > 0 } && Directory.Exists(Path.Combine(folder, "jsqr")));

    public static string? Postfix { get; } = First("postfix") ?? (File.Exists("/usr/sbin/postfix") ? "/usr/sbin/postfix" : null);

    public static string? SpamAssassin { get; } = First("spamassassin");

    public static string? Rspamd { get; } = First("rspamd");

    public static string? Apache { get; } = First("apache2");

    /// <summary>Debian installs it in a folder that only root has in the path.</summary>
    public static string? HaProxy { get; } = First("haproxy") ?? (File.Exists("/usr/sbin/haproxy") ? "/usr/sbin/haproxy" : null);

    /// <summary>The folder of <c>initdb</c> and <c>postgres</c> of the newest installed major version.</summary>
    public static string? PostgresBinaries { get; } =
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .Where(version => File.Exists(Path.Combine(version, "bin", "initdb")))
                .OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var major) ? major : 0)
                .Select(version => Path.Combine(version, "bin"))
                .FirstOrDefault()
            : Path.GetDirectoryName(First("initdb"));

    public static string? PgBouncer { get; } = First("pgbouncer");

    // Debian's own interpreter first: Debian's python3-aiosmtpd belongs to it.
    public static string? PythonWithAiosmtpd { get; } =
        new[] { "/usr/bin/python3", First("python3") }.FirstOrDefault(python => File.Exists(python) && Imports(python, "aiosmtpd"));

    private static string? First(params string[] names) =>
        (from name in names
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin").Split(Path.PathSeparator).Append("/usr/bin").Append("/usr/sbin")
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
