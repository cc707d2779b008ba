namespace OpenCrm.Portal.Setup;

/// <summary>Registers the services of set-up.</summary>
public static class SetupServices
{
    public static void AddSetup(this IServiceCollection services)
    {
        services.AddSingleton<SetupCodeFile>();
        services.AddSingleton<PortalSetUp>();
        services.AddHostedService<SetupAtStart>();
    }
}
