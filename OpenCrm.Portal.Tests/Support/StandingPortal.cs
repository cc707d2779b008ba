namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// One published portal for all tests of a class, for tests that only ask it something and leave nothing behind that could disturb another test.
/// </summary>
public class StandingPortal : IAsyncLifetime
{
    private PortalProcess? _portal;

    public PortalProcess Portal
    {
        get
        {
            Needs.PublishedPortal();
            return _portal ?? throw new InvalidOperationException("The portal has not been started");
        }
    }

    /// <summary>The settings with which it is started.</summary>
    protected virtual PortalSettings Settings => new();

    public async ValueTask InitializeAsync()
    {
        if (!Needs.OnlyWhatIsQuick) _portal = await PortalProcess.StartAsync(Settings);
    }

    public async ValueTask DisposeAsync()
    {
        if (_portal is null) return;
        await _portal.DisposeAsync();
        // Checked here, because no test is left that these faults could fail.
        Assert.Empty(ServerFaults.In(_portal.Output.Lines));
        GC.SuppressFinalize(this);
    }
}
