using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.SignIn;

/// <summary>Registers the sign-in conversation.</summary>
public static class SignInServices
{
    public static void AddSignIn(this IServiceCollection services)
    {
        services.AddScoped<SignInConversation>();
        services.AddScoped<IForgetsPerson>(scope => scope.GetRequiredService<SignInConversation>());
    }
}
