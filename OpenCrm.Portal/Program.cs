using OpenCrm.Portal;
using OpenCrm.Portal.Configuration;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Enrolment;
using OpenCrm.Portal.Home;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Rescue;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Setup;
using OpenCrm.Portal.Shell;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Users;

try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = ContentRoot.Find() });
    builder.WebHost.UseStaticWebAssets();
    // A command answers in one line; what fails in it ends it with an exception anyway.
    if (RescueCommands.Asked(args)) builder.Logging.ClearProviders();
    await builder.AddDataAsync(new DataFolder(builder.Configuration, builder.Environment.ContentRootPath));
    builder.Services.AddSessions();
    builder.Services.AddMail(builder.Configuration);
    builder.Services.AddCredentials(builder.Configuration);
    builder.Services.AddSignIn();
    builder.Services.AddEnrolment();
    builder.Services.AddSetup();
    builder.Services.AddConfiguration();
    builder.Services.AddHome();
    builder.Services.AddUsers();
    builder.AddShell();
    builder.Services.AddRescue();

    var app = builder.Build();
    if (RescueCommands.Asked(args)) return await RescueCommands.RunAsync(app.Services, args);
    app.MapShell();
    app.MapSessions();
    await app.RunAsync();
    return 0;
}
catch (StartRefusedException refused)
{
    await Console.Error.WriteLineAsync($"The portal does not start. {refused.Message}");
    return 1;
}
