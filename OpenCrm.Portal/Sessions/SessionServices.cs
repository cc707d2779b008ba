using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Sessions;

/// <summary>Registers sessions, cookie and authorization.</summary>
public static class SessionServices
{
    public static void AddSessions(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddScoped<ClientConnection>();
        services.AddScoped<CircuitHandler, ClientConnectionReader>();
        services.AddScoped<ReaderCulture>();
        services.AddScoped<CircuitHandler, CircuitCulture>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<CircuitRegistry>();
        services.AddSingleton<OpenPages>();
        services.AddSingleton<SessionEnding>();
        services.AddHostedService<Revocations>();
        services.AddSingleton<SessionClock>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionClock>());
        services.AddScoped<SessionActivity>();
        services.AddSingleton<SignInTickets>();
        services.AddScoped<CurrentCaller>();
        services.AddScoped<SignOut>();
        services.AddScoped<SessionCookie>();
        services.AddScoped<PortalAuthenticationStateProvider>();
        services.AddScoped<AuthenticationStateProvider>(scope => scope.GetRequiredService<PortalAuthenticationStateProvider>());
        services.AddCascadingAuthenticationState();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(Cookie);
        services.AddAuthorizationBuilder()
            .AddPolicy(PortalPolicies.SignedIn, policy => policy.RequireAuthenticatedUser().RequireClaim(PortalClaims.SessionId).RefuseOverdue())
            .AddPolicy(PortalPolicies.SignedInEvenOverdue, policy => policy.RequireAuthenticatedUser().RequireClaim(PortalClaims.SessionId))
            .AddPolicy(PortalPolicies.SystemAdministrators,
                policy => policy.RequireClaim(PortalClaims.SessionId).RequireRole(PortalRoles.SystemAdministrator).RefuseOverdue())
            .AddFallbackPolicy(
                PortalPolicies.SignedIn, policy => policy.RequireAuthenticatedUser().RequireClaim(PortalClaims.SessionId).RefuseOverdue());
        services.Configure<CookiePolicyOptions>(LoopbackCookies.Write);
        services.AddSingleton<CookieAdvice.Pace>();
        services.AddScoped<CookieAdvice>();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = CookieNames.Antiforgery;
            // The cookie is Secure all the same, because the cookie policy adds it. Set here, antiforgery would refuse plain http on localhost, where
            // browsers accept Secure cookies.
            options.Cookie.SecurePolicy = CookieSecurePolicy.None;
            options.Cookie.SameSite = SameSiteMode.Strict;
            // Blazor's own forms never post here. Otherwise antiforgery adds X-Frame-Options; frame-ancestors says the same more precisely.
            options.SuppressXFrameOptionsHeader = true;
        });
    }

    /// <summary>Whoever had to set up MFA by now gets nothing but the wizard (docs/spec.md 12.2).</summary>
    private static AuthorizationPolicyBuilder RefuseOverdue(this AuthorizationPolicyBuilder policy) =>
        policy.RequireAssertion(context => !context.User.HasClaim(claim => claim.Type == PortalClaims.MfaOverdue));

    private static void Cookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = CookieNames.Session;
        options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        options.Cookie.HttpOnly = true;
        // Lax, not Strict: a person who follows a link from a mail or the CRM must arrive signed in. Nothing changes on GET, posts carry a token, and
        // the socket checks its Origin.
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.ExpireTimeSpan = SessionTimes.AbsoluteLifetime;
        options.SlidingExpiration = false;
        options.Events.OnValidatePrincipal = ValidateAsync;
        options.Events.OnRedirectToLogin = context => Answer(context, StatusCodes.Status401Unauthorized);
        options.Events.OnRedirectToAccessDenied = context => Answer(context, StatusCodes.Status403Forbidden);
    }

    private static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        var http = context.HttpContext;
        http.RequestServices.GetRequiredService<Refusals>().Note(
            RefusalKind.AddressWithoutRight, PersonOf(http), ClientConnection.AddressOf(http), $"{http.Request.Method} {http.Request.Path}");
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    internal static Guid? PersonOf(HttpContext http) =>
        Guid.TryParse(http.User.FindFirst(ClaimTypes.NameIdentifier)?.Value, out var person) ? person : null;

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<AsksNobody>() is not null)
        {
            // For this request only: the cookie stays.
            context.RejectPrincipal();
            return;
        }
        var token = context.Principal?.FindFirst(PortalClaims.SessionToken)?.Value;
        await using var work = await context.HttpContext.RequestServices.GetRequiredService<UnitsOfWork>()
            .ReadAsync(context.HttpContext.RequestAborted);
        switch (token is null ? null : await SessionCheck.EvaluateAsync(work, token, context.HttpContext.RequestAborted))
        {
            case SessionState.Active active:
                if (context.HttpContext.IsPageAskedFor())
                    await SessionActivity.NoteAsync(work, active.Caller.SessionId, active.Times, context.HttpContext.RequestAborted);
                Replace(active.Principal());
                break;
            case SessionState.Idle idle:
                // Kept, so that the page can ask to sign in again and its browser can end the session.
                Replace(idle.Principal());
                break;
            default:
                context.RejectPrincipal();
                break;
        }

        void Replace(ClaimsPrincipal principal)
        {
            principal.Identities.Single().AddClaim(new(PortalClaims.SessionToken, token!));
            context.ReplacePrincipal(principal);
        }
    }
}
