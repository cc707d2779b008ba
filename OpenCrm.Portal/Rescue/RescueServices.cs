namespace OpenCrm.Portal.Rescue;

/// <summary>Registers what only commands use.</summary>
public static class RescueServices
{
    public static void AddRescue(this IServiceCollection services)
    {
        services.AddSingleton<RescueAccounts>();
        services.AddSingleton<DemoCompany>();
    }
}
