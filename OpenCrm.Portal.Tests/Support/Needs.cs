namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// What a test needs beside the .NET SDK. Without it the test is skipped with the reason,
/// or fails where <c>PORTAL_TESTS_REQUIRE_ALL=1</c>: there a skip would pass for a proof.
/// </summary>
public static class Needs
{
    public static string Chromium() => Found(FoundTools.Chromium, "chromium");

    public static string Oathtool() => Found(FoundTools.Oathtool, "oathtool");

    public static string Zbarimg() => Found(FoundTools.Zbarimg, "zbar-tools");

    public static string Postgres() => Found(FoundTools.PostgresBinaries, "postgresql");

    public static string HaProxy() => Found(FoundTools.HaProxy, "haproxy");

    public static string Aiosmtpd() => Found(FoundTools.PythonWithAiosmtpd, "python3-aiosmtpd");

    private static string Found(string? path, string package)
    {
        if (path is null)
            Miss($"needs the package {package}, which is not installed");
        return path!;
    }

    private static void Miss(string reason)
    {
        if (Environment.GetEnvironmentVariable("PORTAL_TESTS_REQUIRE_ALL") == "1")
            Assert.Fail(reason);
        TestContext.Current.SendDiagnosticMessage("Skipped: {0}", reason);
        Assert.Skip(reason);
    }
}
