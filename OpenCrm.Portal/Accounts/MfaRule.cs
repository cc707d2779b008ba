namespace OpenCrm.Portal.Accounts;

/// <summary>Who must use MFA (docs/spec.md 12.1).</summary>
public enum MustUseMfa
{
    Nobody = 0,
    SystemAdministrators = 1,
    Everyone = 2,
}

/// <summary>The rule about who must use MFA, as the security settings have it.</summary>
/// <param name="IsAwake">Whether the MFA switch is on. While it is off the rule sleeps: no gate, no reminders.</param>
/// <param name="Days">How many days a person has from the moment at which the rule first covers them.</param>
public sealed record MfaRule(bool IsAwake, MustUseMfa Who, int Days)
{
    /// <summary>The most days that can be set, and the furthest that one person's deadline can be extended from today.</summary>
    public const int MostDays = 90;

    public static MfaRule Of(SecuritySettings settings) => new(settings.MfaEnabled, settings.WhoMustUseMfa, settings.MfaSetupDays);

    public bool CoversAnybody => IsAwake && Who is not MustUseMfa.Nobody;

    public bool Covers(bool isSystemAdministrator) =>
        CoversAnybody && (Who is MustUseMfa.Everyone || isSystemAdministrator);
}
