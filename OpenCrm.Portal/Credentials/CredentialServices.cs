using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>Registers the services that check and change credentials.</summary>
public static class CredentialServices
{
    public static void AddCredentials(this IServiceCollection services, IConfiguration configuration)
    {
        Argon2.RequireLibrary();
        services.AddOptions<Argon2Settings>().Bind(configuration.GetSection(Argon2Settings.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HashLimits>().Bind(configuration.GetSection(HashLimits.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider =>
        {
            var settings = provider.GetRequiredService<IOptions<Argon2Settings>>().Value;
            return new Argon2Cost(settings.MemoryKiB, settings.Passes);
        });
        services.AddOptions<SignInLimits>().Bind(configuration.GetSection(SignInLimits.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<NamesAtStart>();
        services.AddHostedService(provider => provider.GetRequiredService<NamesAtStart>());
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<HashGate>();
        services.AddSingleton<EarlierHashes>();
        services.AddSingleton<RecoveryCodeHashing>();
        services.AddSingleton<RecoveryCodes>();
        services.AddSingleton<IPasswordHasher<PortalUser>, PortalPasswordHasher>();
        services.AddHealthChecks().AddCheck<HashGateHealth>("passwordHashes");
        services.AddSingleton<NetworkLimit>();
        services.AddSingleton<DecoyNames>();
        services.AddSingleton<KeyFingerprints>();
        services.AddSingleton<Lockout>();
        services.AddSingleton<AttemptTurns>();
        services.AddSingleton<Attempts>();
        services.AddSingleton<UnreadableAuthenticators>();
        services.AddSingleton<MfaDisabling>();
        services.AddSingleton<RecoveryHolds>();
        services.AddSingleton<DeviceAtHand>();
        services.AddScoped<StepUp>();
        services.AddScoped<OwnRecoveryCodes>();
        services.AddScoped<SignInAgain>();
        services.AddSingleton<MailedLinkRequests>();
        services.AddSingleton<PasswordLinks>();
        services.AddSingleton<LostDeviceLinks>();
        services.AddSingleton<MailedLinkSignal>();
        services.AddHealthChecks().AddCheck<MailedLinkHealth>("mailedLinks");
        services.AddHostedService<MailedLinkWorker>();
        services.AddSingleton<MfaRemovalSignal>();
        services.AddHostedService<MfaRemovalWorker>();
        services.AddHostedService<Housekeeping>();
        services.AddHostedService<MfaReminders>();
    }
}
