namespace OpenCrm.Portal.Help;

/// <summary>Registers the help page.</summary>
public static class HelpServices
{
    public static void AddHelp(this IServiceCollection services)
    {
        services.AddScoped<ArticleRatings>();
        services.AddSingleton<HelpShots>();
    }
}
