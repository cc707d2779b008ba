namespace OpenCrm.Portal.Credentials;

/// <summary>What a lost-device link is worth at this moment: a closed set.</summary>
public abstract record LostDeviceLink
{
    private LostDeviceLink() { }

    /// <summary>Its user may confirm with name and password.</summary>
    public sealed record Open(Guid UserId) : LostDeviceLink;

    /// <summary>No such link, or used, replaced, too old, ended, of another kind: one answer for all.</summary>
    public sealed record Ended : LostDeviceLink;

    /// <summary>Too many failures from this network; the link was not looked at.</summary>
    public sealed record TooManyFromHere : LostDeviceLink;
}
