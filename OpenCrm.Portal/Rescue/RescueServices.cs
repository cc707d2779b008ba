namespace OpenCrm.Portal.Rescue;

/// <summary>Registers the services that only commands use.</summary>
public static class RescueServices
{
    public static void AddRescue(this IServiceCollection services)
    {
        services.AddSingleton<RescueAccounts>();
        services.AddSingleton<DemoCompany>();
    }
}
