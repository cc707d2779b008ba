namespace OpenCrm.Portal.Home;

/// <summary>Registers the services of the home page.</summary>
public static class HomeServices
{
    public static void AddHome(this IServiceCollection services)
    {
        services.AddScoped<OwnSecurity>();
        services.AddScoped<HomeFigures>();
        services.AddScoped<FirstSteps>();
        services.AddHostedService<DayCounting>();
    }
}
