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

    public static string Aiosmtpd() => Found(FoundTools.PythonWithAiosmtpd, "python3-aiosmtpd");

    /// <summary>Its master gives up rights that only root has.</summary>
    public static string Postfix()
    {
        if (Environment.UserName != "root") Miss("Postfix starts as root only");
        return Found(FoundTools.Postfix, "postfix");
    }

    /// <summary>Where <c>.ci/test edges</c> unpacked Exim and OpenSMTPD.</summary>
    public static string UnpackedMailServers()
    {
        if (Environment.UserName != "root") Miss("a mount namespace takes root");
        return Found(Environment.GetEnvironmentVariable("PORTAL_MAIL_SERVERS"), "exim4-daemon-light or opensmtpd unpacked (see .ci/test edges)");
    }

    public static string SpamAssassin() => Found(FoundTools.SpamAssassin, "spamassassin");

    public static string Rspamd() => Found(FoundTools.Rspamd, "rspamd");

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
