namespace OpenCrm.Portal.Home;

/// <summary>Registers the home page's reading.</summary>
public static class HomeServices
{
    public static void AddHome(this IServiceCollection services) => services.AddScoped<OwnSecurity>();
}
