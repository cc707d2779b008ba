using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
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
        await using var services = builder.Services.BuildServiceProvider();
        // OWASP's number of iterations for PBKDF2 with SHA-512.
        Assert.InRange(services.GetRequiredService<IOptions<PasswordHasherOptions>>().Value.IterationCount, 210_000, int.MaxValue);
        Assert.Equal(
            PasswordHasherCompatibilityMode.IdentityV3,
            services.GetRequiredService<IOptions<PasswordHasherOptions>>().Value.CompatibilityMode);
    }
}
