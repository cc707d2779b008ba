namespace OpenCrm.Portal.Tests.Support;

public sealed record SetupAdministrator(string Username, string Email, string Password);

/// <summary>How a portal is started: on which database, with which folder, and whatever else a test turns.</summary>
public sealed record PortalSettings
{
    public static readonly SetupAdministrator FirstAdministrator = new("admin", "admin@example.test", "Correct-horse battery 7 staple");

    /// <summary>A PostgreSQL connection string; without one it is SQLite in the data folder.</summary>
    public string? PostgresConnection { get; init; }

    /// <summary>Without one the portal gets a new folder of its own, deleted at the end.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Unattended set-up. Null leaves the portal to its set-up page.</summary>
    public SetupAdministrator? Administrator { get; init; } = FirstAdministrator;

    /// <summary>
    /// <c>Portal:PublicUrl</c>. Null: the address under which the test reaches the portal; <see cref="PublicUrlFromSetup"/> leaves it out.
    /// </summary>
    public string? PublicUrl { get; init; }

    public bool PublicUrlFromSetup { get; init; }

    /// <summary>Database, key ring and first administrator are made by this start itself, not copied from ready ones: for tests that judge just that.</summary>
    public bool FromNothing { get; init; }

    /// <summary>Puts a <see cref="CuttableProxy"/> between browser and portal.</summary>
    public bool BehindCuttableProxy { get; init; }

    /// <summary>Any other setting by its key, as in <c>Limits:MailedLinks</c>. These win.</summary>
    public IReadOnlyDictionary<string, string> Others { get; init; } = new Dictionary<string, string>();

    public PortalSettings With(string key, string value) => this with { Others = new Dictionary<string, string>(Others) { [key] = value } };

    public static PortalSettings OnPostgres(string connectionString) => new() { PostgresConnection = connectionString };

    /// <summary>Everything as configuration keys.</summary>
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
