namespace OpenCrm.Portal.Accounts;

/// <summary>A block of Additional Settings (spec 4): one row, saved by one person at a time.</summary>
public interface ISettingsBlock
{
    int Id { get; }

    /// <summary>Grows with each save; whoever saves on top of an older one is told so (spec 4.4).</summary>
    int Version { get; set; }

    DateTimeOffset? SavedAt { get; set; }

    string? SavedBy { get; set; }
}

/// <summary>Company and address (spec 4.2).</summary>
public sealed class GeneralSettings : ISettingsBlock
{
    public const int CompanyNameLength = 60;
    public const int PublicUrlLength = 300;
    public const string DefaultCompanyName = "OpenCRM";

    public int Id { get; init; } = 1;
    public int Version { get; set; }
    public DateTimeOffset? SavedAt { get; set; }
    public string? SavedBy { get; set; }

    /// <summary>Beside the mark, in mails, and the issuer in authenticator apps.</summary>
    public string CompanyName { get; set; } = DefaultCompanyName;

    /// <summary>Base of mailed links and the allowed Origin, unless <c>Portal:PublicUrl</c> is configured; null before set-up.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>Which <see cref="AccountName.Rules"/> the stored names of all accounts follow.</summary>
    public int NameRules { get; set; }

    /// <summary>
    /// A changed address that is not in use yet: both are accepted from then on, and this one takes over when a system administrator has opened a page there (spec 4.2).
    /// Null = none waits.
    /// </summary>
    public string? PendingPublicUrl { get; set; }

    /// <summary>The address as it was typed last, in use or not.</summary>
    public string? TypedPublicUrl => PendingPublicUrl ?? PublicUrl;

    /// <summary>When the first system administrator was made; claimed by one statement, so that racing visitors make one (spec 8.1).</summary>
    public DateTimeOffset? SetUpAt { get; set; }
}

/// <summary>How people sign in and when an account locks (spec 4.2).</summary>
public sealed class SecuritySettings : ISettingsBlock
{
    public const int DefaultAttempts = 5;

    public int Id { get; init; } = 1;
    public int Version { get; set; }
    public DateTimeOffset? SavedAt { get; set; }
    public string? SavedBy { get; set; }

    /// <summary>The MFA switch. Off, enrolments stay dormant (spec 3.4).</summary>
    public bool MfaEnabled { get; set; }

    public int AttemptsBeforeLock { get; set; } = DefaultAttempts;

    /// <summary>Minutes; 0 = until an administrator unlocks.</summary>
    public int LockMinutes { get; set; }

    /// <summary>Idle minutes after which people sign in again (spec 4.5).</summary>
    public int SessionTimeoutMinutes { get; set; } = 30;

    /// <summary>How long a lost-device link works (spec 3.2).</summary>
    public int LostDeviceLinkMinutes { get; set; } = 30;

    public LockoutPolicy Lockout => new(AttemptsBeforeLock, TimeSpan.FromMinutes(LockMinutes));

    public TimeSpan SessionTimeout => TimeSpan.FromMinutes(SessionTimeoutMinutes);
}

/// <summary>What a new password must look like (spec 4.3).</summary>
public sealed class PasswordPolicySettings : ISettingsBlock
{
    public const int DefaultMinimumLength = 12;

    public int Id { get; init; } = 1;
    public int Version { get; set; }
    public DateTimeOffset? SavedAt { get; set; }
    public string? SavedBy { get; set; }

    public int MinimumLength { get; set; } = DefaultMinimumLength;
    public bool RequireUpperAndLower { get; set; }
    public bool RequireDigit { get; set; }
    public bool RequireSymbol { get; set; }
    public bool RefuseCommon { get; set; } = true;
    public bool RefuseOwnNames { get; set; } = true;
}
