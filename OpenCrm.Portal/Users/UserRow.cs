using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>A user as the list shows one, projected in the query.</summary>
/// <param name="MfaEnabled">No for everybody while the MFA switch is off (spec 3.4).</param>
public sealed record UserRow(
    Guid Id, string Username, string Name, string Email, bool IsSystemAdministrator, AccountStatus Status, bool MfaEnabled, DateTimeOffset? LastSignInAt);

/// <summary>One page of the list. A cursor is null where there is nothing to turn to.</summary>
public sealed record UserPage(IReadOnlyList<UserRow> Rows, UserCursor? Previous, UserCursor? Next);

/// <summary>How many the list would show: all of them, and with each chip pressed.</summary>
public sealed record UserCounts(
    CappedCount All, IReadOnlyDictionary<AccountStatus, CappedCount> Statuses, CappedCount WithMfa, CappedCount WithoutMfa, CappedCount Administrators);
