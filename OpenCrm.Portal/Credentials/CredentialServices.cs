namespace OpenCrm.Portal.Credentials;

/// <summary>Registers the services that check and change credentials.</summary>
public static class CredentialServices
{
    public static void AddCredentials(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SignInLimits>().Bind(configuration.GetSection(SignInLimits.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<NamesAtStart>();
        services.AddHostedService(provider => provider.GetRequiredService<NamesAtStart>());
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<
            Microsoft.AspNetCore.Identity.IPasswordHasher<Accounts.PortalUser>,
            Microsoft.AspNetCore.Identity.PasswordHasher<Accounts.PortalUser>>();
        services.AddSingleton<NetworkLimit>();
        services.AddSingleton<DecoyNames>();
        services.AddSingleton<Lockout>();
        services.AddSingleton<Attempts>();
        services.AddSingleton<UnreadableAuthenticators>();
        services.AddSingleton<MfaDisabling>();
        services.AddScoped<StepUp>();
        services.AddScoped<SignInAgain>();
        services.AddSingleton<MailedLinkRequests>();
        services.AddSingleton<PasswordLinks>();
        services.AddSingleton<LostDeviceLinks>();
        services.AddSingleton<MailedLinkSignal>();
        services.AddHealthChecks().AddCheck<MailedLinkHealth>("mailedLinks");
        services.AddHostedService<MailedLinkWorker>();
        services.AddHostedService<Housekeeping>();
    }
}
