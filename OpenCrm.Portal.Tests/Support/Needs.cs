namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// What a test needs besides the .NET SDK. Where it is missing, the test is skipped with the reason, or fails with <c>PORTAL_TESTS_REQUIRE_ALL=1</c>,
/// because a skipped test would look like a proof. With <c>PORTAL_TESTS_QUICK=1</c> all of it counts as missing, and so does a published portal; the
/// remaining tests are those of the inner loop.
/// </summary>
public static class Needs
{
    public static bool OnlyWhatIsQuick { get; } = Environment.GetEnvironmentVariable("PORTAL_TESTS_QUICK") == "1";

    public static void PublishedPortal()
    {
        if (OnlyWhatIsQuick) Miss("needs a published portal");
    }

    public static string Chromium() => Found(FoundTools.Chromium, "chromium");

    public static string Firefox() => Found(FoundTools.Firefox, "firefox-esr");

    public static (string Driver, string Browser, string Screen) WebKit() =>
        (Found(FoundTools.WebKitDriver, "webkit2gtk-driver"), Found(FoundTools.MiniBrowser, "libwebkit2gtk-4.1-0"), Found(FoundTools.Xvfb, "xvfb"));

    public static string Oathtool() => Found(FoundTools.Oathtool, "oathtool");

    public static string Zbarimg() => Found(FoundTools.Zbarimg, "zbar-tools");

    public static string ZXingReader() => Found(FoundTools.ZXingReader, "zxing-cpp-tools");

    public static string ImageMagick() => Found(FoundTools.ImageMagick, "imagemagick");

    public static string KeePassXc() => Found(FoundTools.KeePassXc, "keepassxc");

    public static string PassOtp() => Found(FoundTools.PassOtp, "pass-extension-otp");

    public static string Pyotp() => Found(FoundTools.PythonWithPyotp, "python3-pyotp");

    /// <summary>Returns the path of Node, and the folder of the packages that the scripts in Support/node need.</summary>
    public static (string Program, string Modules) Node()
    {
        var program = Found(FoundTools.Node, "nodejs");
        if (FoundTools.NodeModules is null) Miss("needs the packages of OpenCrm.Portal.Tests/Support/node: run npm ci there");
        return (program, FoundTools.NodeModules!);
    }

    public static string Postgres() => Found(FoundTools.PostgresBinaries, "postgresql");

    public static string PgBouncer() => Found(FoundTools.PgBouncer, "pgbouncer");

    public static string HaProxy() => Found(FoundTools.HaProxy, "haproxy");

    public static string Aiosmtpd() => Found(FoundTools.PythonWithAiosmtpd, "python3-aiosmtpd");

    /// <summary>Needs root, because Postfix's master process gives up rights that only root has.</summary>
    public static string Postfix()
    {
        if (Environment.UserName != "root") Miss("Postfix starts as root only");
        return Found(FoundTools.Postfix, "postfix");
    }

    /// <summary>Returns the folder in which <c>.ci/test edges</c> unpacked Exim and OpenSMTPD.</summary>
    public static string UnpackedMailServers()
    {
        if (Environment.UserName != "root") Miss("a mount namespace takes root");
        return Unpacked("exim4-daemon-light or opensmtpd");
    }

    public static string Nginx() => Path.Combine(Unpacked("nginx"), "usr/sbin/nginx");

    public static string Caddy() => Path.Combine(Unpacked("caddy"), "usr/bin/caddy");

    public static string Apache() => Found(FoundTools.Apache, "apache2-bin");

    public static string SpamAssassin() => Found(FoundTools.SpamAssassin, "spamassassin");

    public static string Rspamd() => Found(FoundTools.Rspamd, "rspamd");

    private static string Unpacked(string package) =>
        Found(Environment.GetEnvironmentVariable("PORTAL_UNPACKED"), $"{package} unpacked (see .ci/test edges)");

    private static string Found(string? path, string package)
    {
        if (path is null || OnlyWhatIsQuick)
            Miss($"needs the package {package}, which is not installed");
        return path!;
    }

    private static void Miss(string reason)
    {
        if (Environment.GetEnvironmentVariable("PORTAL_TESTS_REQUIRE_ALL") == "1" && !OnlyWhatIsQuick)
            Assert.Fail(reason);
        TestContext.Current.SendDiagnosticMessage("Skipped: {0}", reason);
        Assert.Skip(reason);
    }
}
