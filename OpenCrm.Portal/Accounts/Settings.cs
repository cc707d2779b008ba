namespace OpenCrm.Portal.Accounts;

/// <summary>One block of the page Additional Settings (docs/spec.md 4). It is one row, and is saved as a whole.</summary>
public interface ISettingsBlock
{
    int Id { get; }

    /// <summary>Grows with each save. It detects that somebody else saved since the block was read.</summary>
    int Version { get; set; }

    DateTimeOffset? SavedAt { get; set; }

    string? SavedBy { get; set; }
}

/// <summary>Company name, public address, logo and accent colour.</summary>
public sealed class GeneralSettings : ISettingsBlock
{
    public const int CompanyNameLength = 60;
    public const int PublicUrlLength = 300;
    public const string DefaultCompanyName = "OpenCRM";

    /// <summary>Length of <see cref="AccentColour"/>.</summary>
    public const int ColourLength = 7;

    public int Id { get; init; } = 1;
    public int Version { get; set; }
    public DateTimeOffset? SavedAt { get; set; }
    public string? SavedBy { get; set; }

    /// <summary>Shown beside the logo and in mails; also the issuer in authenticator apps.</summary>
    public string CompanyName { get; set; } = DefaultCompanyName;

    /// <summary>Base of mailed links and allowed Origin, unless <c>Portal:PublicUrl</c> is configured; null before set-up.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>The colour of buttons and links in pages and mails, as <see cref="Colour.Hex"/>; null for the portal's own.</summary>
    public string? AccentColour { get; set; }

    /// <summary>The <see cref="LogoPicture.Hash"/> of the company's logo; null for the portal's own mark.</summary>
    public string? LogoHash { get; set; }

    /// <summary>The version of <see cref="AccountName.Rules"/> that the stored names of all accounts follow.</summary>
    public int NameRules { get; set; }

    /// <summary>
    /// A changed address that is not in use yet; null = none. Both addresses are accepted until a system administrator has opened a page at the new
    /// one, which then takes over: a typing error locks nobody out.
    /// </summary>
    public string? PendingPublicUrl { get; set; }

    /// <summary>The address as it was typed last, in use or not.</summary>
    public string? TypedPublicUrl => PendingPublicUrl ?? PublicUrl;

    /// <summary>
    /// When the first system administrator was created; null before set-up. One statement sets it, so that of several racing visitors only one
    /// creates an administrator.
    /// </summary>
    public DateTimeOffset? SetUpAt { get; set; }
}

/// <summary>How people sign in and when an account locks.</summary>
public sealed class SecuritySettings : ISettingsBlock
{
    public const int DefaultAttempts = 5;

    public int Id { get; init; } = 1;
    public int Version { get; set; }
    public DateTimeOffset? SavedAt { get; set; }
    public string? SavedBy { get; set; }

    /// <summary>The MFA switch. While it is off, enrolments are kept but not asked for.</summary>
    public bool MfaEnabled { get; set; }

    public int AttemptsBeforeLock { get; set; } = DefaultAttempts;

    /// <summary>Length of a lock in minutes; 0 = until an administrator unlocks.</summary>
    public int LockMinutes { get; set; }

    /// <summary>Idle minutes after which people must sign in again.</summary>
    public int SessionTimeoutMinutes { get; set; } = 30;

    /// <summary>Minutes for which a lost-device link works.</summary>
    public int LostDeviceLinkMinutes { get; set; } = 30;

    /// <summary>Who must use MFA. While the MFA switch is off this rule sleeps.</summary>
    public MustUseMfa WhoMustUseMfa { get; set; }

    /// <summary>Days that a person has to set up MFA, from the moment at which the rule first covers them.</summary>
    public int MfaSetupDays { get; set; } = 7;

    /// <summary>Hours between the confirmation of a lost-device link and the removal of MFA; 0 = at once (docs/spec.md 11.7).</summary>
    public int LostDeviceWaitHours { get; set; }

    /// <summary>Hours for which what matters is on hold after a recovery; 0 = no hold (docs/spec.md 11.3).</summary>
    public int RecoveryHoldHours { get; set; } = 72;

    public LockoutPolicy Lockout => new(AttemptsBeforeLock, TimeSpan.FromMinutes(LockMinutes));

    public TimeSpan SessionTimeout => TimeSpan.FromMinutes(SessionTimeoutMinutes);
}

/// <summary>Rules for new passwords.</summary>
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
