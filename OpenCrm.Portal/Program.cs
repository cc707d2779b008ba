using OpenCrm.Portal;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = ContentRoot.Find() });
builder.WebHost.UseStaticWebAssets();
try
{
    await builder.AddDataAsync(new DataFolder(builder.Configuration, builder.Environment.ContentRootPath));
}
catch (StartRefusedException refused)
{
    await Console.Error.WriteLineAsync($"The portal does not start. {refused.Message}");
    return 1;
}
builder.Services.AddSessions();

var app = builder.Build();
app.MapSessions();
await app.RunAsync();
return 0;
