namespace OpenCrm.Portal.Credentials;

/// <summary>The settings that the pages of the lost-device link speak of.</summary>
/// <param name="LinkMinutes">How long a link works.</param>
/// <param name="WaitHours">How long MFA stays after the confirmation; 0 = it is removed at once (docs/spec.md 11.7).</param>
public sealed record LostDeviceTerms(int LinkMinutes, int WaitHours);

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
