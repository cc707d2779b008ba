namespace OpenCrm.Portal.Mail;

/// <summary>Registers the outbox and what sends from it.</summary>
public static class MailServices
{
    public static void AddMail(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<OutboxSignal>();
    }
}
