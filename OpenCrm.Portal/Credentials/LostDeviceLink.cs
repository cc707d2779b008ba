namespace OpenCrm.Portal.Credentials;

/// <summary>The state of a lost-device link at this moment: a closed set.</summary>
public abstract record LostDeviceLink
{
    private LostDeviceLink() { }

    /// <summary>The link is valid: its user may confirm with name and password.</summary>
    public sealed record Open(Guid UserId) : LostDeviceLink;

    /// <summary>The link does not exist, was used, replaced or ended, expired, or is for something else. All cases have one answer.</summary>
    public sealed record Ended : LostDeviceLink;

    /// <summary>Too many failures came from this network, so the link was not looked up.</summary>
    public sealed record TooManyFromHere : LostDeviceLink;
}
