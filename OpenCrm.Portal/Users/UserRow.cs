using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>A row of the user list, selected by the query itself.</summary>
/// <param name="MfaEnabled">False for everybody while the MFA switch is off (docs/spec.md 3.4).</param>
public sealed record UserRow(
    Guid Id, string Username, string Name, string Email, bool IsSystemAdministrator,
    AccountStatus Status, bool MfaEnabled, DateTimeOffset? LastSignInAt)
{
    /// <summary>What the rule about MFA asks of the user.</summary>
    public MfaDutyState Duty { get; init; }
}

/// <summary>One page of the list. A cursor is null where there is no further page.</summary>
public sealed record UserPage(IReadOnlyList<UserRow> Rows, UserCursor? Previous, UserCursor? Next);

/// <summary>How many users the list shows with the present filters, and would show with each chip pressed.</summary>
public sealed record UserCounts(
    CappedCount All, IReadOnlyDictionary<AccountStatus, CappedCount> Statuses,
    CappedCount WithMfa, CappedCount WithoutMfa, CappedCount Administrators)
{
    /// <summary>Who has to set up MFA until a deadline ahead; null while the rule covers nobody.</summary>
    public CappedCount? Due { get; init; }

    /// <summary>Who had to set up MFA by now; null while the rule covers nobody.</summary>
    public CappedCount? Overdue { get; init; }
}
