using OpenCrm.Portal.Users.Import;

namespace OpenCrm.Portal.Users;

/// <summary>Registers the services of users and their records.</summary>
public static class UserServices
{
    public static void AddUsers(this IServiceCollection services)
    {
        services.AddScoped<OwnRecord>();
        services.AddScoped<OwnCredentials>();
        services.AddScoped<OwnAuthenticators>();
        services.AddScoped<OwnLanguage>();
        services.AddScoped<UserList>();
        services.AddScoped<UserDetails>();
        services.AddSingleton<UserExport>();
        services.AddScoped<UserAdministration>();
        services.AddScoped<MfaExtension>();
        services.AddScoped<TemporaryCodeGiving>();
        services.AddScoped<SeveralUsers>();
        services.AddScoped<UserImports>();
        services.AddSingleton<ImportSample>();
        services.AddSingleton<ImportSignal>();
        services.AddSingleton<ImportWatch>();
        services.AddHostedService<ImportWorker>();
    }
}
