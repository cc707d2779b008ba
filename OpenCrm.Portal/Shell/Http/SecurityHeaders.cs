namespace OpenCrm.Portal.Shell.Http;

/// <summary>Sets the security headers of every answer. Together they allow a page only the portal's own scripts, frames and addresses.</summary>
internal static class SecurityHeaders
{
    private const int OneYear = 365 * 24 * 60 * 60;

    internal static IApplicationBuilder UsePortalSecurityHeaders(this IApplicationBuilder app) =>
        app.UseSecurityHeaders(Policies()).Use(KeepPagesOutOfCachesAsync);

    private static HeaderPolicyCollection Policies() => new HeaderPolicyCollection()
        .AddContentSecurityPolicy(csp =>
        {
            csp.AddDefaultSrc().None();
            csp.AddScriptSrc().Self();
            // MudBlazor places its popovers and writes its palette with inline styles.
            csp.AddStyleSrc().Self().UnsafeInline();
            csp.AddImgSrc().Self().Data();
            csp.AddFontSrc().Self();
            csp.AddConnectSrc().Self();
            // The preview of a mail template is a srcdoc frame, which inherits this policy: it runs no script.
            csp.AddFrameSrc().Self();
            csp.AddFormAction().Self();
            csp.AddFrameAncestors().None();
            csp.AddObjectSrc().None();
            // 'none' would forbid the page's own <base href="/">, without which Blazor looks for its hub below each page. An injected
            // second base has no effect: the first one counts, and it stands at the head's beginning.
            csp.AddBaseUri().Self();
        })
        .AddContentTypeOptionsNoSniff()
        .AddFrameOptionsDeny()
        // Addresses hold filters and user ids, which other sites must not learn.
        .AddReferrerPolicyNoReferrer()
        .AddCrossOriginOpenerPolicy(policy => policy.SameOrigin())
        .AddCrossOriginResourcePolicy(policy => policy.SameOrigin())
        .AddPermissionsPolicy(Devices)
        .AddStrictTransportSecurityMaxAgeIncludeSubDomains(OneYear)
        .RemoveServerHeader();

    /// <summary>Switches off what the portal does not use, so that an injected script cannot use it either.</summary>
    private static void Devices(PermissionsPolicyBuilder policy)
    {
        policy.AddAccelerometer().None();
        policy.AddAutoplay().None();
        policy.AddCamera().None();
        policy.AddDisplayCapture().None();
        policy.AddEncryptedMedia().None();
        policy.AddFullscreen().None();
        policy.AddGeolocation().None();
        policy.AddGyroscope().None();
        policy.AddMagnetometer().None();
        policy.AddMicrophone().None();
        policy.AddMidi().None();
        policy.AddPayment().None();
        policy.AddPictureInPicture().None();
        policy.AddScreenWakeLock().None();
        policy.AddUsb().None();
        policy.AddXrSpatialTracking().None();
        policy.AddPublickeyCredentialsGet().Self();
    }

    /// <summary>Pages show data about people, which must not come back by the Back button of a shared computer, or from a proxy.</summary>
    private static Task KeepPagesOutOfCachesAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(() =>
        {
            if (context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
                context.Response.Headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    }
}
