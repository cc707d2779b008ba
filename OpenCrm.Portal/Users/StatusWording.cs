using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The text and the dot of a status.</summary>
internal static class StatusWording
{
    public static string Of(AccountStatus status) => status switch
    {
        AccountStatus.Inactive => Texts.Users_StatusInactive,
        AccountStatus.Locked => Texts.Users_StatusLocked,
        AccountStatus.LockedFailedAttempts => Texts.Users_StatusLockedFailedAttempts,
        _ => Texts.Users_StatusActive,
    };

    public static StatusKind Dot(AccountStatus status) => status switch
    {
        AccountStatus.Active => StatusKind.Ok,
        AccountStatus.Inactive => StatusKind.Off,
        _ => StatusKind.Danger,
    };
}
