using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Shell;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>The portal's own services in this process, on the database of a portal that runs beside it.</summary>
internal static class PortalServices
{
    public static async Task<WebApplication> BuildAsync(Dictionary<string, string> configuration)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [.. configuration.Select(setting => $"--{setting.Key}={setting.Value}")],
            ContentRootPath = await PublishedPortal.FolderAsync(),
            EnvironmentName = "Production",
        });
        builder.Logging.ClearProviders();
        await builder.AddDataAsync(new DataFolder(builder.Configuration, builder.Environment.ContentRootPath));
        builder.Services.AddSessions();
        builder.Services.AddMail(builder.Configuration);
        builder.Services.AddCredentials(builder.Configuration);
        builder.Services.AddFeatures();
        builder.AddShell();
        return builder.Build();
    }
}
