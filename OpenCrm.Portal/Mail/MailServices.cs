using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>Registers the outbox and what sends from it.</summary>
public static class MailServices
{
    /// <summary>Registers the outbox and its sender.</summary>
    /// <exception cref="StartRefusedException">A setting under <c>Mail:</c> is invalid; the message names it.</exception>
    public static void AddMail(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOutbox(configuration);
        services.AddSingleton<OutboxClaims>();
        services.AddSingleton<MailComposer>();
        services.AddSingleton<MailTrial>();
        services.AddSingleton<MailPreview>();
        services.AddTransient<IMailTransport>(provider => new CurrentTransport(
            provider.GetRequiredService<DataFolder>().File(provider.GetRequiredService<MailOptions>().PickupFolder, "mail")));
        services.AddSingleton<Func<IMailTransport>>(provider => provider.GetRequiredService<IMailTransport>);
        services.AddMetrics();
        services.AddSingleton<OutboxWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxWatch>());
        // Degraded, not unhealthy: a node whose mail waits serves pages as well as any other. OutboxWatch logs the failure once; the health check
        // must not log it again at each probe.
        services.AddHealthChecks().AddCheck<OutboxHealth>("outbox", HealthStatus.Degraded);
        services.AddLogging(log => log.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.Error));
        services.AddSingleton<OutboxDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher>());
    }

    /// <summary>Registers only what writes messages. A rescue command queues them, and a running portal sends them (docs/spec.md 8.4).</summary>
    public static void AddOutbox(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(MailOptions.Read(configuration));
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<TemplateRenderer>();
        services.AddSingleton<TemplateCheck>();
    }
}
