using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;

namespace OpenCrm.Portal.Data;

/// <summary>
/// The key ring: stored in the database, shared by all nodes, and protected by a certificate that is not in the database. A stolen database alone
/// yields no secret (docs/spec.md 8.6).
/// </summary>
internal static class KeyRing
{
    /// <summary>
    /// Migrates, then loads the certificate. A certificate is created only while the database holds no ring; a node that cannot read the ring must
    /// neither start nor add a key.
    /// </summary>
    /// <exception cref="StartRefusedException">
    /// The database refuses, or the certificate file is missing or is not the one that protects the ring.
    /// </exception>
    public static async Task<X509Certificate2> OpenAsync(
        PortalDatabase database, IConfiguration configuration, DataFolder folder, Migrates who = Migrates.WhenPending)
    {
        if (who is Migrates.Never && database.IsMissing)
        {
            throw new StartRefusedException(
                $"There is no database yet ({database.Place}, Portal:DataFolder): start the portal once, or use create-admin.");
        }
        try
        {
            return await OpenLockedAsync(database, configuration, folder, who);
        }
        catch (Exception refused) when (refused is not StartRefusedException && DatabaseFailure.Describe(refused, database.Place) is not null)
        {
            throw new StartRefusedException(DatabaseFailure.Describe(refused, database.Place)!);
        }
    }

    private static async Task<X509Certificate2> OpenLockedAsync(
        PortalDatabase database, IConfiguration configuration, DataFolder folder, Migrates who)
    {
        var file = folder.File(configuration["KeyRing:CertificatePath"], "key-ring.pfx");
        var password = configuration["KeyRing:CertificatePassword"];
        await using var held = await database.StartLockAsync();
        await using var context = database.CreateContext();
        database.KeepPrivate();
        if (await SchemaState.MustMigrateAsync(context, who, database.Place)) await DatabaseMigrator.MigrateAsync(context, database.Place);
        // Again, before any secret is written: the database file may have been created just now.
        database.KeepPrivate();
        var ringExists = await context.DataProtectionKeys.AnyAsync();
        if (!File.Exists(file))
        {
            if (ringExists)
            {
                throw new StartRefusedException(
                    $"The key ring in the database cannot be read: the certificate file {file} is missing. "
                    + "Copy it from a running node or from the backup.");
            }
            if (!string.IsNullOrWhiteSpace(configuration["KeyRing:CertificatePath"]))
                throw new StartRefusedException($"KeyRing:CertificatePath names {file}, but there is no such file.");
            try
            {
                Make(file, password);
            }
            catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
            {
                throw new StartRefusedException(
                    $"The certificate file {file} cannot be written by the account that the portal runs as "
                    + $"(Portal:DataFolder, KeyRing:CertificatePath): {Outage.OneLine(denied.Message)}");
            }
        }
        var certificate = Load(file, password);
        await using var services = Services(database, certificate);
        var keys = services.GetRequiredService<IKeyManager>();
        if (ringExists) Read(keys, file);
        else
        {
            var now = TimeProvider.System.GetUtcNow();
            keys.CreateNewKey(now, now.AddDays(90));
        }
        return certificate;
    }

    public static void Protect(IDataProtectionBuilder protection, X509Certificate2 certificate) => protection
        .SetApplicationName("OpenCrm.Portal")
        .PersistKeysToDbContext<PortalDbContext>()
        .ProtectKeysWithCertificate(certificate);

    private static ServiceProvider Services(PortalDatabase database, X509Certificate2 certificate)
    {
        var services = new ServiceCollection().AddLogging();
        database.Register(services);
        Protect(services.AddDataProtection(), certificate);
        return services.BuildServiceProvider();
    }

    private static void Read(IKeyManager keys, string file)
    {
        try
        {
            foreach (var key in keys.GetAllKeys())
                if (!key.IsRevoked && key.CreateEncryptor() is null) throw new CryptographicException("A key has no encryptor.");
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or AggregateException or InvalidOperationException)
        {
            throw new StartRefusedException(
                $"The key ring in the database cannot be read with the certificate file {file}: it is not the one that protects it. "
                + "Copy the right one from a running node or from the backup.");
        }
    }

    private static void Make(string file, string? password)
    {
        using var key = RSA.Create(3072);
        var request = new CertificateRequest("CN=OpenCrm.Portal key ring", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(30));
        // Written under another name and then renamed, so that a killed start leaves no half certificate.
        var half = file + ".new";
        using (var stream = new FileStream(half, NewOwnersFile)) stream.Write(certificate.Export(X509ContentType.Pkcs12, password));
        File.Move(half, file);
    }

    private static FileStreamOptions NewOwnersFile => OperatingSystem.IsWindows()
        ? new() { Mode = FileMode.Create, Access = FileAccess.Write }
        : new() { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };

    private static X509Certificate2 Load(string file, string? password)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, password);
            return certificate.HasPrivateKey ? certificate : throw new StartRefusedException($"The certificate file {file} holds no private key.");
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new StartRefusedException($"The certificate file {file} cannot be read by the account that the portal runs as.");
        }
        catch (CryptographicException)
        {
            throw new StartRefusedException($"The certificate file {file} cannot be opened: is KeyRing:CertificatePassword right?");
        }
    }
}
