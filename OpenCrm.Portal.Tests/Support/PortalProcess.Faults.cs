namespace OpenCrm.Portal.Tests.Support;

public sealed partial class PortalProcess
{
    private readonly string? _test = CurrentTest();

    private static string? CurrentTest()
    {
        Needs.PublishedPortal();
        return ServerFaults.CurrentTest;
    }

    partial void OnFirstStart(ref Task ready) => ready = ReadyMade.ForProcesses.FillAsync(Settings, DataFolder);

    partial void OnEnded()
    {
        foreach (var fault in ServerFaults.In(Output.Lines)) ServerFaults.Note(_test, fault);
    }
}
