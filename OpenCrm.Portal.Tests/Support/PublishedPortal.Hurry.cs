using System.Diagnostics;

namespace OpenCrm.Portal.Tests.Support;

public static partial class PublishedPortal
{
    // Profile-guided recompilation pays off only after dozens of pages; no portal of a test lives that long.
    static partial void Hurry(ProcessStartInfo start) => start.Environment["DOTNET_TieredPGO"] = "0";
}
