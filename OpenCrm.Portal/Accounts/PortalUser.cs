using Microsoft.AspNetCore.Identity;

namespace OpenCrm.Portal.Accounts;

/// <summary>One person who may sign in. Usernames hold no <c>@</c>, so that what is typed at sign-in means one person (spec 2.7).</summary>
public sealed class PortalUser : IdentityUser<Guid>, IAttemptCounter
{
    public const int NameLength = 100;

    /// <summary>The name that people read; the username is what they type.</summary>
    public string Name { get; set; } = "";

    /// <summary>The name as <see cref="NormalizedNameOf"/> writes it, for search and sort: kept in step wherever the name is set.</summary>
    public string NormalizedName { get; set; } = "";

    /// <summary>As <see cref="AccountName.Normalize"/> writes it, to the length of its column: folding makes some characters longer.</summary>
    public static string NormalizedNameOf(string name) => IncomingText.Cut(AccountName.Normalize(name), NameLength * 2);

    /// <summary>
    /// Username, name and e-mail address as normalized, a line each. The database computes it, so that one index finds a fragment in any of them (spec 5.1).
    /// </summary>
    public string SearchText { get; private set; } = "";

    /// <summary>Membership of the role <see cref="PortalRoles.SystemAdministrator"/>; one column, so that lists sort by it and 5.5 guards it in one statement.</summary>
    public bool IsSystemAdministrator { get; set; }

    /// <summary>What an administrator decided. A lock after failed attempts is <see cref="IdentityUser{TKey}.LockoutEnd"/>: see <see cref="StatusAt"/>.</summary>
    public AccountState State { get; set; } = AccountState.Active;

    /// <summary>The enrolment, or null. <see cref="IdentityUser{TKey}.TwoFactorEnabled"/> says the same, so that one without the other is noticed.</summary>
    public Authenticator? Authenticator { get; set; }

    /// <inheritdoc />
    public DateTimeOffset? LockTold { get; set; }

    /// <inheritdoc />
    public bool LockNoted { get; set; }

    /// <summary>Locks after failed attempts since the last complete sign-in or unlock: each doubles the next (spec 4.2).</summary>
    public int LocksInARow { get; set; }

    /// <summary>Wrong answers since the last complete sign-in or unlock: NIST SP 800-63B-4 3.2.2 caps them at 100.</summary>
    public int FailuresInARow { get; set; }

    /// <inheritdoc />
    public int CounterEpoch { get; set; }

    /// <inheritdoc />
    public DateTimeOffset? LastAttemptAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? PasswordChangedAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Whether what was typed is this user's username or e-mail address.</summary>
    public bool IsNamed(string typed)
    {
        var normalized = AccountName.Normalize(typed);
        // The address itself: one that differs from somebody's only in the way it is written does not sign in (spec 2.7), but here it is known who is meant.
        return normalized == (AccountName.IsEmail(normalized) ? AccountName.Normalize(Email ?? "") : NormalizedUserName);
    }

    /// <summary>What signing in asks for besides the password, as the settings are now.</summary>
    public SecondFactor SecondFactor(SecuritySettings settings) => settings.MfaEnabled ? Enrolment : new SecondFactor.None();

    /// <summary>The same whether or not the MFA switch is on: what is asked for once it is.</summary>
    public SecondFactor Enrolment => (TwoFactorEnabled, Authenticator) switch
    {
        (true, { Id: var authenticator }) => new SecondFactor.Due(authenticator),
        (true, null) => new SecondFactor.Broken(UnreadableBecause.KeyMissing),
        (false, not null) => new SecondFactor.Broken(UnreadableBecause.NotSwitchedOn),
        (false, null) => new SecondFactor.None(),
    };

    /// <summary>What people read as the status (spec 5.3): a timed lock that ran out reads as Active.</summary>
    public AccountStatus StatusAt(DateTimeOffset now) => State switch
    {
        AccountState.Inactive => AccountStatus.Inactive,
        AccountState.Locked => AccountStatus.Locked,
        _ => LockoutEnd > now ? AccountStatus.LockedFailedAttempts : AccountStatus.Active,
    };
}

/// <summary>The part of the status that an administrator sets.</summary>
public enum AccountState
{
    Active = 0,
    Inactive = 1,
    Locked = 2,
}

/// <summary>The status that people read (spec 5.3).</summary>
public enum AccountStatus
{
    Active,
    Inactive,
    Locked,
    LockedFailedAttempts,
}
