using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Data;

/// <summary>Every other test in this process lowers the cost of hashes; this one checks the real cost.</summary>
public sealed class HashCostTests
{
    [Fact]
    public async Task Whoever_steals_the_hashes_pays_for_each_guess()
    {
        var folder = Reaper.NewFolder("data");
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Portal:DataFolder"] = folder;
        await builder.AddDataAsync(new DataFolder(builder.Configuration, folder));
        builder.Services.AddCredentials(builder.Configuration);
        await using var services = builder.Services.BuildServiceProvider();

        var hash = services.GetRequiredService<IPasswordHasher<PortalUser>>().HashPassword(new(), "A long enough pass phrase");

        // OWASP's minimum for Argon2id.
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", hash, StringComparison.Ordinal);
    }
}
