using System.Net.Mime;
using Microsoft.Extensions.Options;
using MudBlazor.Services;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Shell.Http;

namespace OpenCrm.Portal.Shell;

/// <summary>Registers the shell and sets the order of the HTTP pipeline.</summary>
public static class ShellServices
{
    public static void AddShell(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Bound(kestrel);
        });
        var services = builder.Services;
        var quiet = new QuietStart();
        services.AddSingleton(quiet);
        services.AddSingleton<IConfigureOptions<LoggerFilterOptions>>(quiet);
        services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(quiet);
        // A page that was away for too long is loaded again, as after a restart of the server, and what was typed comes back as a draft. A circuit
        // that is made anew from what the server remembers would draw the page without it.
        services.AddRazorComponents().AddInteractiveServerComponents(circuits => circuits.PersistedCircuitInMemoryMaxRetained = 0);
        services.AddMudServices();
        services.AddScoped<ThemeChoice>();
        services.AddSingleton<RefusedCircuits>();
        services.AddScoped<Announcer>();
        services.AddScoped<BrowserTime>();
        services.AddScoped<CompanyBrand>();
        services.AddScoped<BrandChange>();
        // A template's body of 60,000 characters must fit into one message (docs/spec.md 6.1).
        services.AddSignalR(hub => hub.MaximumReceiveMessageSize = 512 * 1024);
        // Safe over TLS too: a prerendered page repeats no input of a visitor beside a secret, so its compressed length reveals nothing (BREACH).
        // Assets are compressed at build.
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = [MediaTypeNames.Text.Html];
        });
        services.AddKnownProxies(builder.Configuration);
        services.AddSingleton<WarmUp>();
        services.AddHostedService(provider => provider.GetRequiredService<WarmUp>());
        services.AddHealthChecks().AddCheck<WarmUp>("warmUp");
    }

    public static void MapShell(this WebApplication app)
    {
        app.Lifetime.ApplicationStarted.Register(app.Services.GetRequiredService<QuietStart>().End);
        Sessions.LoopbackCookies.NoteStraightOnes(app);
        app.UseKnownProxies();
        app.UsePortalSecurityHeaders();
        app.UseResponseCompression();
        app.UseBrowserLanguage();
        app.UseLastPage();
        app.UseExceptionHandler(PortalUrls.Error, createScopeForErrors: true);
        app.UseRequestLimits();
        app.UseOutagePage();
        app.UsePublicHost();
        app.UseWhen(
            http => HttpMethods.IsGet(http.Request.Method),
            pages => pages.UseStatusCodePagesWithReExecute(PortalUrls.NotFound, createScopeForStatusCodePages: true));
        WarmUp.Use(app);
        app.UseCookiePolicy();
        app.UseRouting();
        Sessions.LoopbackCookies.Decide(app);
        app.UseWebSockets();
        app.UseSocketOrigin();
        app.UseSetupGate();
        Sessions.BrowserCookie.EnsureOnPages(app);
        app.UsePortalTheme();
        app.UseAuthentication();
        app.UseReaderLanguage();
        app.UseAuthorization();
        app.UsePageRights();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous().WithMetadata(AsksNobody.Mark);
        app.MapBrandFiles();
        // Pages check access themselves, in the circuit. Without AllowAnonymous they would be refused before Blazor runs.
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null)
            .AllowAnonymous();
        app.MapHealthChecks(PortalUrls.Live, new() { Predicate = _ => false }).AllowAnonymous().WithMetadata(AsksNobody.Mark);
        app.MapHealthChecks(PortalUrls.Ready, new() { ResponseWriter = ReadyAnswer.WriteAsync }).AllowAnonymous().WithMetadata(AsksNobody.Mark);
        // An address that is not mapped is not found. Without this the default-deny policy would answer "unauthorized".
        app.MapFallback("{**path}", () => Results.NotFound()).AllowAnonymous();
    }
}
