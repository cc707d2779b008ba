namespace OpenCrm.Portal.EmailTemplates;

/// <summary>Registers Email Templates.</summary>
public static class EmailTemplateServices
{
    public static void AddEmailTemplates(this IServiceCollection services) => services.AddScoped<TemplateEditor>();
}
