using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using OpenCrm.Portal.Benchmarks.Circuits;
using OpenCrm.Portal.Tests.Support;
using OtpNet;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>A published portal on a fresh database that its own <c>demo</c> command filled.</summary>
internal sealed partial class PortalServer : MeasuredServer
{
    private readonly string _published;
    private readonly PortalSettings _settings;
    private readonly string _data = Reaper.NewFolder("measured");
    private readonly List<Person> _people = [];

    private PortalServer(string name, string published, PortalSettings settings) : base(name) => (_published, _settings) = (published, settings);

    public override string SignInPath => PortalUrls.SignIn;

    public override IReadOnlyList<Person> People => _people;

    /// <summary>The administrator that set-up made; has no authenticator.</summary>
    public static Person Administrator { get; } =
        new(PortalSettings.FirstAdministrator.Username, PortalSettings.FirstAdministrator.Password);

    protected override string ReadyPath => PortalUrls.Ready;

    /// <summary>Makes the database with so many people, and starts the portal.</summary>
    /// <param name="published">The folder of <c>dotnet publish</c>.</param>
    /// <param name="postgres">A connection to an empty database; null for SQLite.</param>
    /// <param name="with">Changes the settings.</param>
    public static async Task<PortalServer> StartAsync(
        string name, string published, int users, string? postgres = null, Func<PortalSettings, PortalSettings>? with = null)
    {
        var settings = new PortalSettings { PostgresConnection = postgres }
            // The crowd comes from one address here. What these limits count is counted all the same.
            .With("Limits:AnonymousCircuits", "1000000").With("Limits:AnonymousCircuitsTotal", "1000000");
        var portal = new PortalServer(name, published, with?.Invoke(settings) ?? settings);
        // The first start makes the database and the administrator.
        await portal.StartAsync();
        await portal.FillAsync(users);
        await portal.StopAsync();
        await portal.StartAsync();
        return portal;
    }

    public override async Task<Circuit> SignInAsync(Person person)
    {
        var circuit = await Circuit.OpenAsync(new(Address), SignInPath);
        try
        {
            await SignInAsync(circuit, person);
            return circuit;
        }
        catch
        {
            await circuit.DisposeAsync();
            throw;
        }
    }

    /// <summary>Signs in on the page that is open.</summary>
    public static async Task SignInAsync(Circuit circuit, Person person)
    {
        await circuit.TypeAsync("Username or email", person.Name);
        await circuit.TypeAsync("Password", person.Password);
        await circuit.PressAsync("Sign in");
        if (person.Key is not null)
        {
            await circuit.TypeAsync("Authentication code", await person.CodeAsync());
            await circuit.PressAsync("Verify");
        }
        await circuit.FindAsync(page => page.ButtonLike("Account menu") ?? Refusal(page), "The account menu");
    }

    /// <summary>Signs out in the same circuit.</summary>
    public static async Task SignOutAsync(Circuit circuit)
    {
        await circuit.PressAsync("Sign out");
        await circuit.FindAsync(page => page.Field("Username or email"), "The sign-in page");
    }

    /// <summary>
    /// Gives so many people an authenticator; they then sign in with a code. The portal of before gets them by its own wizard, which takes a while.
    /// </summary>
    public async Task EnrolAsync(int count)
    {
        count = Math.Min(count, _people.Count);
        if (_people.Take(count).All(person => person.Key is not null)) return;
        if (_published == await PublishedPortal.FolderAsync())
        {
            var enrolled = await DirectEnrolment.EnrolAsync(_settings, _data, _people.GetRange(0, count));
            for (var at = 0; at < count; at++) _people[at] = enrolled[at];
            return;
        }
        for (var at = 0; at < count; at++) _people[at] = await EnrolAsync(_people[at]);
    }

    /// <summary>Starts a second node on the same database.</summary>
    public async Task<PortalServer> AnotherNodeAsync()
    {
        var settings = (_settings with { PublicUrl = Address.GetLeftPart(UriPartial.Authority) })
            .With("KeyRing:CertificatePath", Path.Combine(_data, "key-ring.pfx"));
        var node = new PortalServer($"{Name}, second node", _published, settings);
        node._people.AddRange(_people);
        await node.StartAsync();
        return node;
    }

    /// <summary>Runs a command of the portal on its database.</summary>
    public async Task<string> RunAsync(params string[] command) =>
        (await CommandLineTool.RunAsync(Command(command), patience: TimeSpan.FromHours(1))).OutputOrThrow(command[0]);

    public Task<PortalDatabase> OpenDatabaseAsync() => PortalDatabase.OpenAsync(_settings.PostgresConnection, _data);

    protected override Task<ProcessStartInfo> StartInfoAsync() => Task.FromResult(Command());

    private static PageNode? Refusal(PageTree page) =>
        page.Alert() is { } alert ? throw new InvalidOperationException($"Signing in was refused: {alert.Words()}") : null;

    private async Task<Person> EnrolAsync(Person person)
    {
        await using var circuit = await SignInAsync(person);
        await circuit.GoAsync(PortalUrls.AccountSetupMfa);
        await circuit.PressAsync("Next");
        var key = await circuit.FindAsync(page => page.Named("Manual key"), "The manual key");
        var enrolled = person with { Key = Base32Encoding.ToBytes(key.Words().Replace(" ", "", StringComparison.Ordinal)) };
        await circuit.PressAsync("Next");
        await circuit.TypeAsync("Six-digit code", await enrolled.CodeAsync());
        await circuit.PressAsync("Save");
        await circuit.FindAsync(page => page.Field("Six-digit code") is null ? page.Button("Done") ?? new PageNode() : null, "The end of the wizard");
        return enrolled;
    }

    private async Task FillAsync(int users)
    {
        var said = await RunAsync("demo", "--users", users.ToString(CultureInfo.InvariantCulture));
        var password = PasswordLine().Match(said) is { Success: true } match
            ? match.Groups[1].Value
            : throw new InvalidOperationException($"demo told no password: {said}");
        await using var database = await OpenDatabaseAsync();
        // As after the first visit to Additional Settings: who has an authenticator needs the code.
        await database.ExecuteAsync("""UPDATE "SecuritySettings" SET "MfaEnabled" = """ + database.True);
        var names = await database.ReadAsync(
            $"""
             SELECT "UserName" FROM "Users" WHERE "State" = 0 AND "LockoutEnd" IS NULL AND "TwoFactorEnabled" = {database.False}
             AND "IsSystemAdministrator" = {database.False} ORDER BY "NormalizedUserName" LIMIT 5000
             """);
        _people.AddRange(names.Select(name => new Person(name, password)));
    }

    private ProcessStartInfo Command(params string[] command)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(_published, "OpenCrm.Portal.dll"), .. command]) { WorkingDirectory = _published };
        foreach (var (key, value) in _settings.ToConfiguration(_data, _settings.PublicUrl ?? Address.GetLeftPart(UriPartial.Authority)))
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        return start;
    }

    [GeneratedRegex(@"password: (\S+)")]
    private static partial Regex PasswordLine();
}
