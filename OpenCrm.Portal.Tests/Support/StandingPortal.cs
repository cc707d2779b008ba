namespace OpenCrm.Portal.Tests.Support;

/// <summary>One published portal for all tests of a class: for those that ask it something and leave nothing behind that another test could stumble over.</summary>
public class StandingPortal : IAsyncLifetime
{
    private PortalProcess? portal;

    public PortalProcess Portal
    {
        get
        {
            Needs.PublishedPortal();
            return portal ?? throw new InvalidOperationException("The portal has not been started");
        }
    }

    /// <summary>How it is started.</summary>
    protected virtual PortalSettings Settings => new();

    public async ValueTask InitializeAsync()
    {
        if (!Needs.OnlyWhatIsQuick) portal = await PortalProcess.StartAsync(Settings);
    }

    public async ValueTask DisposeAsync()
    {
        if (portal is null) return;
        await portal.DisposeAsync();
        // No test is left that could fail by them.
        Assert.Empty(ServerFaults.In(portal.Output.Lines));
        GC.SuppressFinalize(this);
    }
}
