using Microsoft.AspNetCore.Identity;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Opens the database and registers the services that need it.</summary>
public static class DataServices
{
    /// <summary>
    /// Migrates the database, opens the key ring, then registers both. The order matters: the certificate that protects the ring may be created only
    /// while the database holds no ring.
    /// </summary>
    /// <exception cref="StartRefusedException">The portal must not start; the message tells the operator why.</exception>
    /// <param name="who">Whether the schema may be changed: the portal may, most of its commands may not.</param>
    public static async Task AddDataAsync(this WebApplicationBuilder builder, DataFolder folder, Migrates who = Migrates.WhenPending)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(folder);
        services.AddSingleton<UnitsOfWork>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<WorkerRounds>();
        services.AddSingleton<StartLock>();
        services.AddSingleton<NodeNotices>();
        services.AddHostedService(provider => provider.GetRequiredService<NodeNotices>());
        services.AddHostedService<ExposedFiles>();
        if (configuration["Portal:PublicUrl"] is { Length: > 0 } url && !PublicAddress.IsValid(url.TrimEnd('/')))
        {
            throw new StartRefusedException(
                $"Portal:PublicUrl is '{url}'; it must be an address such as https://portal.example.com, without a path. "
                + "Plain http works with localhost only.");
        }
        var database = new PortalDatabase(configuration, folder);
        database.Register(services);

        var certificate = await KeyRing.OpenAsync(database, configuration, folder, who);
        KeyRing.Protect(services.AddDataProtection(), certificate);
        services.AddSingleton<Encryption>();

        // Comes before Identity, which keeps a normalizer that is registered already.
        services.AddSingleton<ILookupNormalizer, AccountNameNormalizer>();
        services.AddIdentityCore<PortalUser>(options =>
        {
            // AccountName decides what a username may hold; Identity's default list refuses Ünal.
            options.User.AllowedUserNameCharacters = "";
            options.User.RequireUniqueEmail = true;
            PortalDbContext.UseSchema(options);
        }).AddUserStore<PortalUserStore>();
        services.AddHealthChecks()
            .AddDbContextCheck<PortalDbContext>("database")
            .AddCheck<WorkerHealth>("workers")
            .AddCheck<NodeNoticesHealth>("notices");
    }
}

/// <summary>The folder of the portal's own files: database, pickup mail, key-ring certificate.</summary>
public sealed class DataFolder
{
    public DataFolder(IConfiguration configuration, string contentRoot)
    {
        Path = System.IO.Path.GetFullPath(configuration["Portal:DataFolder"] ?? "App_Data", contentRoot);
        try
        {
            PrivateFiles.MakeFolder(Path);
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new StartRefusedException(
                $"The folder {Path} (Portal:DataFolder) cannot be made by the account that the portal runs as: {Outage.OneLine(denied.Message)}");
        }
        KeepPrivate(Path);
    }

    public string Path { get; }

    /// <summary>The files and folders that other accounts can still read, with the reason, for the log.</summary>
    internal HashSet<string> Exposed { get; } = [];

    /// <summary>Removes all rights of other accounts from a file or folder, or remembers that it could not.</summary>
    internal void KeepPrivate(string path)
    {
        if (PrivateFiles.Tighten(path) is { } exposed) Exposed.Add(exposed);
    }

    /// <summary>
    /// Returns the full path of a configured file, or of the fallback if none is configured; relative paths are inside the data folder.
    /// </summary>
    public string File(string? configured, string fallback) =>
        System.IO.Path.GetFullPath(string.IsNullOrWhiteSpace(configured) ? fallback : configured, Path);
}

/// <summary>Thrown when the portal must not start as it is configured; the message is one line for the operator.</summary>
public sealed class StartRefusedException(string message) : Exception(message);
