using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Configuration;

/// <summary>The three blocks as they are stored at the moment.</summary>
/// <param name="ConfiguredPublicUrl"><c>Portal:PublicUrl</c>, if configured: it wins, and the field is read-only.</param>
public sealed record CurrentSettings(GeneralSettings General, SecuritySettings Security, PasswordPolicySettings PasswordPolicy, string? ConfiguredPublicUrl);

/// <summary>The block General as typed.</summary>
/// <param name="Version">Of the stored block that it is saved on top of (spec 4.4).</param>
public sealed record GeneralEdit(int Version, string CompanyName, string PublicUrl);

/// <summary>The block Security Settings as typed; null where no whole number stands.</summary>
/// <param name="LockMinutes">0 = until an administrator unlocks.</param>
public sealed record SecurityEdit(
    int Version, bool MfaEnabled, int? AttemptsBeforeLock, int? LockMinutes, int? SessionTimeoutMinutes, int? LostDeviceLinkMinutes);

/// <summary>The block Password Policy Settings as typed; null where no whole number stands.</summary>
public sealed record PasswordPolicyEdit(
    int Version, int? MinimumLength, bool RequireUpperAndLower, bool RequireDigit, bool RequireSymbol, bool RefuseCommon, bool RefuseOwnNames);

/// <summary>A field that may hold something that is refused.</summary>
public enum SettingsField
{
    CompanyName,
    PublicUrl,
    AttemptsBeforeLock,
    LockMinutes,
    SessionTimeoutMinutes,
    LostDeviceLinkMinutes,
    MinimumLength,
}

/// <summary>How many users have MFA, of how many.</summary>
/// <param name="Enrolled">Counted up to one more than <see cref="Bound"/>: more is not worth a second at a million users.</param>
public sealed record EnrolmentCount(int Enrolled, int Users)
{
    public const int Bound = 1000;
}
