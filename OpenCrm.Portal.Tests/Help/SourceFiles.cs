using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Help;

/// <summary>The portal's wwwroot as it stands in the repository.</summary>
internal sealed class SourceFiles : IWebHostEnvironment
{
    public string WebRootPath { get; set; } = Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal", "wwwroot");

    public IFileProvider WebRootFileProvider { get => new PhysicalFileProvider(WebRootPath); set => throw new NotSupportedException(); }

    public string ApplicationName { get; set; } = "OpenCrm.Portal";

    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();

    public string ContentRootPath { get; set; } = "";

    public string EnvironmentName { get; set; } = "Production";
}
