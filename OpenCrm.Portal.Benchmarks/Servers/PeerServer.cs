using System.Diagnostics;
using System.Globalization;
using System.Net;
using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Tests.Support;
using OtpNet;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>A sign-in server of others, with its own sign-in of password and code; <c>peers/</c> holds the scripts that set it up and start
/// it.</summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private readonly string _script;
    private readonly string _folder = Reaper.NewFolder("peer");
    private readonly int _port = FreePort.Next();
    private readonly Func<Visitor, Person, Task> _signIn;
    private readonly List<Person> _people = [];
    private Process? _process;

    private PeerServer(string name, string script, Func<Visitor, Person, Task> signIn) => (Name, _script, _signIn) = (name, script, signIn);

    public string Name { get; }

    public IReadOnlyList<Person> People => _people;

    private Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    /// <summary>C, SQLite, PBKDF2 with SHA-256.</summary>
    public static Task<PeerServer> GlewlwydAsync() => new PeerServer("glewlwyd", "glewlwyd.sh", GlewlwydAsync).StartAsync(400, "/api/profile_list");

    /// <summary>Perl, SQLite, no hash at all.</summary>
    public static Task<PeerServer> LemonLdapAsync() => new PeerServer("LemonLDAP::NG", "lemonldap.sh", LemonLdapAsync).StartAsync(2000, "/");

    /// <summary>Node, PostgreSQL, scrypt.</summary>
    /// <param name="postgres">An empty database.</param>
    public static Task<PeerServer> BetterAuthAsync(string postgres)
    {
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(postgres);
        var url = string.Create(
            CultureInfo.InvariantCulture, $"postgres://{connection.Username}@{connection.Host}:{connection.Port}/{connection.Database}");
        // The bytes of the text are its key.
        return new PeerServer("better-auth", "better-auth.sh", BetterAuthAsync).StartAsync(120, "/login", url, System.Text.Encoding.UTF8.GetBytes);
    }

    /// <summary>Signs one person in: page, password, code, a page behind them.</summary>
    public Task SignInAsync(Person person) => _signIn(new(Address), person);

    public double Processor() => ProcessFigures.Processor(_process!.Id);

    public double PeakMiB() => ProcessFigures.PeakMiB(_process!.Id);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await Signals.EndAsync(_process, "TERM");
    }

    private async Task<PeerServer> StartAsync(int people, string ready, string? postgres = null, Func<string, byte[]>? keyOf = null)
    {
        List<string> lines = [];
        for (var number = 0; number < people; number++)
        {
            var (name, key) = (string.Create(CultureInfo.InvariantCulture, $"u{number:D4}"),
                Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20)));
            var mail = $"{name}@example.test";
            lines.Add($"{name}\t{mail}\tPassw0rd!-{name}\t{key}");
            _people.Add(new(postgres is null ? name : mail, $"Passw0rd!-{name}", (keyOf ?? Base32Encoding.ToBytes)(key)));
        }
        await File.WriteAllLinesAsync(Path.Combine(_folder, "users.tsv"), lines);
        (await CommandLineTool.RunAsync(Script("setup", postgres), patience: TimeSpan.FromMinutes(5))).OutputOrThrow(_script);
        var start = Script("start", postgres);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        Reaper.Kill(_process);
        new ProcessOutput().ReadFrom(_process);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await new Visitor(Address).GetAsync(ready);
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            $"{Name} answers", TimeSpan.FromMinutes(1));
        return this;
    }

    private ProcessStartInfo Script(string verb, string? postgres)
    {
        var start = new ProcessStartInfo(
            "bash", [Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal.Benchmarks", "peers", _script), verb]);
        start.Environment["PEER_HOME"] = _folder;
        start.Environment["PORT"] = _port.ToString(CultureInfo.InvariantCulture);
        if (postgres is not null) start.Environment["PEER_POSTGRES"] = postgres;
        return start;
    }

    private static async Task GlewlwydAsync(Visitor visitor, Person person)
    {
        await visitor.GetAsync("/api/profile_list");
        Require(await visitor.PostJsonAsync("/api/auth/", new { username = person.Name, password = person.Password }), "password");
        var code = new { username = person.Name, scheme_type = "otp", scheme_name = "otp", value = new { value = await person.CodeAsync() } };
        Require(await visitor.PostJsonAsync("/api/auth/", code), "code");
        Require(await visitor.GetAsync("/api/profile_list"), "profile", person.Name);
    }

    private static async Task LemonLdapAsync(Visitor visitor, Person person)
    {
        await visitor.GetAsync("/");
        var page = await visitor.PostFormAsync("/", ("user", person.Name), ("password", person.Password));
        var code = await person.CodeAsync();
        page = await visitor.PostFormAsync("/totp2fcheck", ("token", Visitor.FieldOf(page.Text, "token")), ("code", code));
        if (page.Status is not (HttpStatusCode.OK or HttpStatusCode.Found)) throw new InvalidOperationException($"code: {page.Status}");
        Require(await visitor.GetAsync("/"), "portal", "logout");
    }

    private static async Task BetterAuthAsync(Visitor visitor, Person person)
    {
        Require(await visitor.GetAsync("/login"), "page");
        Require(
            await visitor.PostJsonAsync("/api/auth/sign-in/email", new { email = person.Name, password = person.Password }), "password",
                "twoFactorRedirect");
        Require(await visitor.PostJsonAsync("/api/auth/two-factor/verify-totp", new { code = await person.CodeAsync() }), "code");
        Require(await visitor.GetAsync("/api/auth/get-session"), "session", person.Name);
    }

    private static void Require(Page page, string what, string part = "")
    {
        if (page.Status != HttpStatusCode.OK || !page.Text.Contains(part, StringComparison.Ordinal))
            throw new InvalidOperationException($"{what}: {page.Status} {page.Text[..Math.Min(200, page.Text.Length)]}");
    }
}
