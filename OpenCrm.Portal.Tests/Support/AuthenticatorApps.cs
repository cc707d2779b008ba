using System.Diagnostics;
using System.Globalization;
using System.Security;
using System.Text.Json;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>What an authenticator reads from an address.</summary>
/// <param name="Issuer">The company as the program reads it; null where the program does not show it.</param>
/// <param name="Account">The username as the program reads it; null where the program does not show it.</param>
/// <param name="Code">The code that the program shows.</param>
public sealed record ReadEntry(string? Issuer, string? Account, string Code);

/// <summary>Authenticators that share no code with the portal or with each other.</summary>
public static class AuthenticatorApps
{
    /// <summary>Reads the address with Debian's pyotp.</summary>
    public static async Task<ReadEntry> PyotpAsync(string address, DateTimeOffset at)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "read_address.py");
        var read = await CommandLineTool.RunAsync(Needs.Pyotp(), [script, address, Seconds(at)]);
        return Entry(JsonDocument.Parse(read.OutputOrThrow($"pyotp reads {address}")).RootElement);
    }

    /// <summary>Reads the address with npm's otpauth.</summary>
    public static async Task<ReadEntry> OtpauthAsync(string address, DateTimeOffset at) =>
        Entry((await NodeAsync(address, at)).GetProperty("otpauth"));

    /// <summary>Reads the address with npm's url-otpauth, which reads the key but computes no code; oathtool computes it.</summary>
    public static async Task<ReadEntry> UrlOtpauthAsync(string address, DateTimeOffset at)
    {
        var read = Accepted((await NodeAsync(address, at)).GetProperty("urlOtpauth"));
        return new ReadEntry(read.GetProperty("issuer").GetString(), read.GetProperty("account").GetString(),
            await Oathtool.CodeAsync(read.GetProperty("key").GetString()!, at, read.GetProperty("digits").GetInt32()));
    }

    /// <summary>Reads the addresses with KeePassXC, one entry for each, in their order; the codes are of the real time.</summary>
    public static async Task<IReadOnlyList<ReadEntry>> KeePassXcAsync(IReadOnlyList<string> addresses)
    {
        var folder = Directory.CreateTempSubdirectory("keepassxc-").FullName;
        try
        {
            var (xml, database) = (Path.Combine(folder, "entries.xml"), Path.Combine(folder, "entries.kdbx"));
            await File.WriteAllTextAsync(xml, KeePassXml(addresses));
            (await KeePassXcAsync(["import", "-p", "-q", xml, database], "pass\npass\n")).OutputOrThrow("keepassxc-cli import");
            var read = new List<ReadEntry>();
            for (var n = 0; n < addresses.Count; n++)
            {
                var shown = await KeePassXcAsync(["show", "-q", "-t", database, $"entry {n}"], "pass\n");
                read.Add(new(null, null, shown.OutputOrThrow("keepassxc-cli show").Trim()));
            }
            return read;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Reads the addresses with pass and its otp extension; the codes are of the real time. pass stores an entry as COMPANY/USERNAME, as it has read
    /// them.
    /// </summary>
    public static async Task<IReadOnlyList<ReadEntry>> PassOtpAsync(IReadOnlyList<string> addresses)
    {
        var pass = Needs.PassOtp();
        var folder = Directory.CreateTempSubdirectory("pass-").FullName;
        try
        {
            await RunAsync(
                "gpg",
                [
                    "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "",
                    "--quick-gen-key", "portal@example.test", "default", "default", "never"
                ]);
            await RunAsync(pass, ["init", "portal@example.test"]);
            var read = new List<ReadEntry>();
            foreach (var address in addresses)
            {
                var before = Entries();
                await RunAsync(pass, ["otp", "insert", "-f"], address + "\n");
                var name = Assert.Single(Entries().Except(before));
                Assert.Equal(address, (await RunAsync(pass, ["otp", "uri", name])).Trim());
                var slash = name.LastIndexOf('/');
                read.Add(new(name[..slash], name[(slash + 1)..], (await RunAsync(pass, ["otp", name])).Trim()));
            }
            return read;
        }
        finally
        {
            await RunAsync("gpgconf", ["--kill", "all"]);
            Directory.Delete(folder, recursive: true);
        }

        List<string> Entries() =>
        [
            .. Directory.EnumerateFiles(Path.Combine(folder, "store"), "*.gpg", SearchOption.AllDirectories)
                .Select(file => Path.ChangeExtension(Path.GetRelativePath(Path.Combine(folder, "store"), file), null)),
        ];

        async Task<string> RunAsync(string program, string[] arguments, string? input = null)
        {
            var start = new ProcessStartInfo(program, arguments);
            start.Environment["GNUPGHOME"] = folder;
            start.Environment["PASSWORD_STORE_DIR"] = Path.Combine(folder, "store");
            start.Environment["PASSWORD_STORE_ENABLE_EXTENSIONS"] = "true";
            start.Environment["LC_ALL"] = "C.UTF-8";
            return (await CommandLineTool.RunAsync(start, input)).OutputOrThrow($"{program} {string.Join(' ', arguments)}");
        }
    }

    private static Task<ToolResult> KeePassXcAsync(string[] arguments, string input)
    {
        var start = new ProcessStartInfo(Needs.KeePassXc(), arguments);
        start.Environment["QT_QPA_PLATFORM"] = "offscreen";
        start.Environment["LC_ALL"] = "C.UTF-8";
        return CommandLineTool.RunAsync(start, input);
    }

    private static string KeePassXml(IReadOnlyList<string> addresses) =>
        $"""
        <?xml version="1.0" encoding="utf-8"?>
        <KeePassFile><Meta/><Root><Group><UUID>{Id(255)}</UUID><Name>Root</Name>{string.Concat(addresses.Select((address, n) =>
            $"<Entry><UUID>{Id((byte)n)}</UUID><String><Key>Title</Key><Value>entry {n}</Value></String>"
            + $"<String><Key>otp</Key><Value>{SecurityElement.Escape(address)}</Value></String></Entry>"))}</Group></Root></KeePassFile>
        """;

    private static string Id(byte n) => Convert.ToBase64String([.. new byte[15], n]);

    private static async Task<JsonElement> NodeAsync(string address, DateTimeOffset at) =>
        JsonDocument.Parse((await NodeScript.RunAsync("address.js", address, Seconds(at))).OutputOrThrow("node address.js")).RootElement;

    private static ReadEntry Entry(JsonElement read)
    {
        Accepted(read);
        return new(read.GetProperty("issuer").GetString(), read.GetProperty("account").GetString(), read.GetProperty("code").GetString()!);
    }

    private static JsonElement Accepted(JsonElement read) =>
        read.TryGetProperty("refused", out var why) ? throw new InvalidOperationException($"refused: {why}") : read;

    private static string Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
