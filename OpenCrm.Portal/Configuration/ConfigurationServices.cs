namespace OpenCrm.Portal.Configuration;

/// <summary>Registers the services of Additional Settings.</summary>
public static class ConfigurationServices
{
    public static void AddConfiguration(this IServiceCollection services)
    {
        services.AddScoped<MfaSwitch>();
        services.AddSingleton<MfaRollOut>();
        services.AddScoped<AdditionalSettings>();
        services.AddScoped<PublicAddressChange>();
        services.AddScoped<MailTest>();
    }
}
