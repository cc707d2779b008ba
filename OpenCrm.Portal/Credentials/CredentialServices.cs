namespace OpenCrm.Portal.Credentials;

/// <summary>Registers what checks and changes credentials.</summary>
public static class CredentialServices
{
    public static void AddCredentials(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SignInLimits>().Bind(configuration.GetSection(SignInLimits.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<NamesAtStart>();
        services.AddHostedService(provider => provider.GetRequiredService<NamesAtStart>());
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<Microsoft.AspNetCore.Identity.IPasswordHasher<Accounts.PortalUser>, Microsoft.AspNetCore.Identity.PasswordHasher<Accounts.PortalUser>>();
        services.AddSingleton<FailedAttempts>();
        services.AddSingleton<UnreadableAuthenticators>();
        services.AddSingleton<CredentialCheck>();
        services.AddSingleton<MfaRemoval>();
        services.AddScoped<StepUp>();
        services.AddScoped<SignInAgain>();
        services.AddSingleton<MailedLinks>();
        services.AddSingleton<MailedLinkSignal>();
        services.AddHealthChecks().AddCheck<MailedLinkHealth>("mailedLinks");
        services.AddHostedService<MailedLinkWorker>();
        services.AddHostedService<Housekeeping>();
    }
}
