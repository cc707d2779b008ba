using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Enrolment;

/// <summary>Registers the enrolment wizard.</summary>
public static class EnrolmentServices
{
    public static void AddEnrolment(this IServiceCollection services)
    {
        services.AddSingleton<AuthenticatorSaving>();
        services.AddScoped<MfaEnrolment>();
        services.AddScoped<IForgetsPerson>(scope => scope.GetRequiredService<MfaEnrolment>());
    }
}
