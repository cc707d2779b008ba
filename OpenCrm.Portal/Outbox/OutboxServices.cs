namespace OpenCrm.Portal.Outbox;

/// <summary>Registers the Outbox page.</summary>
public static class OutboxServices
{
    public static void AddOutboxPage(this IServiceCollection services) => services.AddScoped<OutboxList>();
}
