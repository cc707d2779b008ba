using System.Globalization;
using OpenCrm.Portal;
using OpenCrm.Portal.AuditLog;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Rescue;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Shell;
using OpenCrm.Portal.Users;

// The portal itself speaks English, whatever the server's language: in what it stores, logs and says on the console. Readers have their own culture.
CultureInfo.CurrentUICulture = CultureInfo.DefaultThreadCurrentUICulture = Languages.English;
var (settings, command) = RescueCommands.Split(args);
var started = false;
if (await RescueCommands.EndAtOnceAsync(command) is { } status) return status;
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = ContentRoot.Find() });
    builder.WebHost.UseStaticWebAssets();
    builder.Configuration.AddTerminalLog();
    // A command answers with one line, so nothing is logged; a failure ends it with an exception anyway.
    if (command.Length > 0) builder.Logging.ClearProviders();
    await builder.AddDataAsync(new DataFolder(builder.Configuration, builder.Environment.ContentRootPath), RescueCommands.Migrates(command));
    builder.Services.AddSessions();
    builder.Services.AddMail(builder.Configuration);
    builder.Services.AddCredentials(builder.Configuration);
    builder.Services.AddFeatures();
    builder.AddShell();
    builder.Services.AddRescue();

    var app = builder.Build();
    if (command.Length > 0) return await RescueCommands.RunAsync(app.Services, command);
    app.MapShell();
    app.MapSessions();
    app.MapUsers();
    app.MapAuditLog();
    app.Lifetime.ApplicationStarted.Register(() => started = true);
    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (StartFailure.IsReported(failure))
{
    var said = command.Length > 0 ? "This is not done." : started ? "The portal ends." : "The portal does not start.";
    await Console.Error.WriteLineAsync($"{said} {StartFailure.Describe(failure)}");
    return 1;
}
