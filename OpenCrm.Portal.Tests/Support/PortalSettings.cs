namespace OpenCrm.Portal.Tests.Support;

public sealed record SetupAdministrator(string Username, string Email, string Password);

/// <summary>How a portal is started: on which database, in which folder, and any other setting.</summary>
public sealed record PortalSettings
{
    public static readonly SetupAdministrator FirstAdministrator = new("admin", "admin@example.test", "Correct-horse battery 7 staple");

    /// <summary>The PostgreSQL connection string; null means SQLite in the data folder.</summary>
    public string? PostgresConnection { get; init; }

    /// <summary>The data folder; null means a new one, which is deleted at the end.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The administrator of an unattended set-up; null leaves the portal on its set-up page.</summary>
    public SetupAdministrator? Administrator { get; init; } = FirstAdministrator;

    /// <summary>
    /// <c>Portal:PublicUrl</c>; null means the address at which the test reaches the portal. <see cref="PublicUrlFromSetup"/> leaves the setting out.
    /// </summary>
    public string? PublicUrl { get; init; }

    public bool PublicUrlFromSetup { get; init; }

    /// <summary>
    /// Makes the start itself create database, key ring and first administrator instead of copying ready-made ones, for tests of just that.
    /// </summary>
    public bool FromNothing { get; init; }

    /// <summary>Puts a <see cref="CuttableProxy"/> between browser and portal.</summary>
    public bool BehindCuttableProxy { get; init; }

    /// <summary>Any other setting by its key, such as <c>Limits:MailedLinks</c>. These win over the others.</summary>
    public IReadOnlyDictionary<string, string> Others { get; init; } = new Dictionary<string, string>();

    public PortalSettings With(string key, string value) => this with { Others = new Dictionary<string, string>(Others) { [key] = value } };

    public static PortalSettings OnPostgres(string connectionString) => new() { PostgresConnection = connectionString };

    /// <summary>Returns all settings by their configuration keys.</summary>
    public Dictionary<string, string> ToConfiguration(string dataFolder, string? publicUrl)
    {
        var keys = new Dictionary<string, string>
        {
            ["Portal:DataFolder"] = dataFolder,
            ["Database:Provider"] = PostgresConnection is null ? "Sqlite" : "Postgres",
        };
        if (PostgresConnection is not null)
            keys["ConnectionStrings:Portal"] = PostgresConnection;
        if (publicUrl is not null && !PublicUrlFromSetup)
            keys["Portal:PublicUrl"] = publicUrl;
        if (Administrator is { } administrator)
        {
            keys["Setup:Username"] = administrator.Username;
            keys["Setup:Email"] = administrator.Email;
            keys["Setup:Password"] = administrator.Password;
        }
        foreach (var (key, value) in Others)
            keys[key] = value;
        return keys;
    }
}
