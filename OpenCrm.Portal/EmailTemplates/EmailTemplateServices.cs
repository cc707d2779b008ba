namespace OpenCrm.Portal.EmailTemplates;

/// <summary>Registers what the email template pages need.</summary>
public static class EmailTemplateServices
{
    public static void AddEmailTemplates(this IServiceCollection services) => services.AddScoped<TemplateEditor>();
}
