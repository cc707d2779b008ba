using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Benchmarks.Circuits;
using OtpNet;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>
/// The official Blazor template of the installed SDK, published as it comes, with people who have a password and an authenticator.
/// </summary>
internal sealed class TemplateServer : MeasuredServer
{
    public const string DefaultName = "template";

    private readonly string _folder;
    private readonly List<Person> _people = [];

    private TemplateServer(string folder) : base(DefaultName) => _folder = folder;

    public override string SignInPath => "/Account/Login";

    public override IReadOnlyList<Person> People => _people;

    protected override string ReadyPath => SignInPath;

    /// <param name="withCodes">Whether people need a code; without, the password alone signs in.</param>
    /// <param name="iterations">PBKDF2's; null for the template's own number.</param>
    public static async Task<TemplateServer> StartAsync(int users, bool withCodes, int? iterations = null)
    {
        var server = new TemplateServer(await TemplateBuild.CopyAsync("Template", "--auth", "Individual", "--interactivity", "Server",
            "--all-interactive"));
        await server.FillAsync(users, withCodes, iterations);
        await server.StartAsync();
        return server;
    }

    public override async Task<Circuit> SignInAsync(Person person)
    {
        var visitor = new Visitor(Address);
        var page = await visitor.GetAsync(SignInPath);
        page = await visitor.PostFormAsync(
            SignInPath, ("_handler", "login"), Token(page), ("Input.Email", person.Name), ("Input.Password", person.Password),
            ("Input.RememberMe", "false"));
        if (person.Key is not null)
        {
            var path = Next(page);
            page = await visitor.GetAsync(path);
            page = await visitor.PostFormAsync(
                path, ("_handler", "login-with-2fa"), Token(page), ("Input.TwoFactorCode", await person.CodeAsync()),
                ("Input.RememberMachine", "false"), ("ReturnUrl", ""), ("RememberMe", "False"));
        }
        var home = Next(page);
        var circuit = await Circuit.OpenAsync(visitor, home);
        await circuit.FindAsync(tree => tree.Mentioning("Logout"), "The button Logout");
        return circuit;
    }

    protected override Task<ProcessStartInfo> StartInfoAsync() =>
        Task.FromResult(new ProcessStartInfo("dotnet", [Path.Combine(_folder, "Template.dll")]) { WorkingDirectory = _folder });

    private static (string, string) Token(Page page) =>
        ("__RequestVerificationToken", Visitor.FieldOf(page.Text, "__RequestVerificationToken"));

    private string Next(Page page) =>
        page is { Status: HttpStatusCode.Found, Location: { } location }
            ? new Uri(Address, location).PathAndQuery
            : throw new InvalidOperationException($"The template answered {page.Status}: {page.Text[..Math.Min(page.Text.Length, 300)]}");

    private async Task FillAsync(int users, bool withCodes, int? iterations)
    {
        var options = new PasswordHasherOptions();
        if (iterations is { } given) options.IterationCount = given;
        var password = "Passw0rd!-measured";
        // One hash for all, as in the portal's demo.
        var hash = new PasswordHasher<object>(Options.Create(options)).HashPassword(new(), password);
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "Data", "app.db")};Pooling=False");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        for (var number = 0; number < users; number++)
        {
            var mail = string.Create(CultureInfo.InvariantCulture, $"u{number:D4}@example.test");
            var (id, key) = (Guid.NewGuid().ToString(), KeyGeneration.GenerateRandomKey(20));
            await RunAsync(
                """
                INSERT INTO AspNetUsers (Id, UserName, NormalizedUserName, Email, NormalizedEmail, EmailConfirmed, PasswordHash, SecurityStamp,
                    ConcurrencyStamp, PhoneNumberConfirmed, TwoFactorEnabled, LockoutEnabled, AccessFailedCount)
                VALUES ($id, $mail, $upper, $mail, $upper, 1, $hash, $stamp, $stamp, 0, $codes, 1, 0)
                """,
                ("$id", id), ("$mail", mail), ("$upper", mail.ToUpperInvariant()), ("$hash", hash), ("$stamp", Guid.NewGuid().ToString("N")),
                ("$codes", withCodes ? 1 : 0));
            if (withCodes)
                await RunAsync(
                    "INSERT INTO AspNetUserTokens (UserId, LoginProvider, Name, Value) VALUES ($id, '[AspNetUserStore]', 'AuthenticatorKey', $key)",
                    ("$id", id), ("$key", Base32Encoding.ToString(key)));
            _people.Add(new(mail, password, withCodes ? key : null));
        }
        await transaction.CommitAsync();

        async Task RunAsync(string sql, params (string Name, object Value)[] values)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = sql;
            foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
            await command.ExecuteNonQueryAsync();
        }
    }
}
