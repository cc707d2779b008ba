using System.Diagnostics;

namespace OpenCrm.Portal.Tests.Support;

public static partial class PublishedPortal
{
    // Measuring its own code to compile it better later pays off after dozens of pages; no portal of a test lives so long.
    static partial void Hurry(ProcessStartInfo start) => start.Environment["DOTNET_TieredPGO"] = "0";
}
