using Microsoft.AspNetCore.Identity;

namespace OpenCrm.Portal.Accounts;

/// <summary>A person who may sign in. Usernames hold no <c>@</c>, so that what is typed at sign-in can mean only one person.</summary>
public sealed class PortalUser : IdentityUser<Guid>, IAttemptCounter
{
    public const int NameLength = 100, LanguageLength = 16;

    /// <summary>The name that people read; the username is what they type.</summary>
    public string Name { get; set; } = "";

    /// <summary>The name as <see cref="NormalizedNameOf"/> writes it, for search and sort. Must be set whenever the name is.</summary>
    public string NormalizedName { get; set; } = "";

    /// <summary>
    /// Normalizes a name with <see cref="AccountName.Normalize"/> and cuts it to the length of its column: case folding makes some characters longer.
    /// </summary>
    public static string NormalizedNameOf(string name) => IncomingText.Cut(AccountName.Normalize(name), NameLength * 2);

    /// <summary>
    /// Username, name and e-mail address, normalized, one on each line. The database computes it, so that one index finds a fragment in any of them.
    /// </summary>
    public string SearchText { get; private set; } = "";

    /// <summary>
    /// Membership of the role <see cref="PortalRoles.SystemAdministrator"/>. One column, so that lists can sort by it and one statement can make sure
    /// that an administrator is left.
    /// </summary>
    public bool IsSystemAdministrator { get; set; }

    /// <summary>
    /// What an administrator decided. A lock after failed attempts is <see cref="IdentityUser{TKey}.LockoutEnd"/>: see <see cref="StatusAt"/>.
    /// </summary>
    public AccountState State { get; set; } = AccountState.Active;

    /// <summary>
    /// New when the first <see cref="Authenticator"/> is set up and when one is replaced, so that what began under an old enrolment ends with it;
    /// null if there is none. <see cref="IdentityUser{TKey}.TwoFactorEnabled"/> says the same: if only one of the two is set, the enrolment is
    /// damaged and is refused.
    /// </summary>
    public Guid? EnrolmentId { get; set; }

    /// <inheritdoc />
    public DateTimeOffset? LockTold { get; set; }

    /// <inheritdoc />
    public bool LockNoted { get; set; }

    /// <summary>Locks after failed attempts since the last complete sign-in or unlock. Each doubles the length of the next.</summary>
    public int LocksInARow { get; set; }

    /// <summary>Wrong answers since the last complete sign-in or unlock: NIST SP 800-63B-4 3.2.2 caps them at 100.</summary>
    public int FailuresInARow { get; set; }

    /// <inheritdoc />
    public int CounterEpoch { get; set; }

    /// <inheritdoc />
    public DateTimeOffset? LastAttemptAt { get; set; }

    /// <summary>The language in which the person reads the portal, such as <c>de</c>; null = as in the browser.</summary>
    public string? Language { get; set; }

    /// <summary>
    /// The language that the person's browser named at the last sign-in; before the first, that of whoever made the account; null if none is known.
    /// Mails come in it while <see cref="Language"/> is null.
    /// </summary>
    public string? BrowserLanguage { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? PasswordChangedAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Whether what was typed is this user's username or e-mail address.</summary>
    public bool IsNamed(string typed)
    {
        var normalized = AccountName.Normalize(typed);
        // Compares the address itself. An account may have lost the right to sign in by its address, because an older one has an address that
        // normalizes alike; here it is still clear whose address it is.
        return normalized == (AccountName.IsEmail(normalized) ? AccountName.Normalize(Email ?? "") : NormalizedUserName);
    }

    /// <summary>Returns what signing in asks for besides the password, under the given settings.</summary>
    public SecondFactor SecondFactor(SecuritySettings settings) => settings.MfaEnabled ? Enrolment : new SecondFactor.None();

    /// <summary>What signing in asks for besides the password while the MFA switch is on; the switch itself is not looked at.</summary>
    public SecondFactor Enrolment => (TwoFactorEnabled, EnrolmentId) switch
    {
        (true, { } enrolment) => new SecondFactor.Due(enrolment),
        (true, null) => new SecondFactor.Broken(UnreadableBecause.KeyMissing),
        (false, not null) => new SecondFactor.Broken(UnreadableBecause.NotSwitchedOn),
        (false, null) => new SecondFactor.None(),
    };

    /// <summary>Returns the status that people read. A timed lock that ran out reads as Active.</summary>
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

/// <summary>The status that people read (docs/spec.md 5.3).</summary>
public enum AccountStatus
{
    Active,
    Inactive,
    Locked,
    LockedFailedAttempts,
}
