using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.AuditLog;

/// <summary>Chooses the colour of the dot before an event: good, worth a look, or wrong.</summary>
internal static class EventDots
{
    public static StatusKind Of(string kind) => kind switch
    {
        nameof(AuditEvent.SignedIn) or nameof(AuditEvent.MfaSetUp) or nameof(AuditEvent.AuthenticatorAdded) or nameof(AuditEvent.Unlocked)
            or nameof(AuditEvent.Activated) or nameof(AuditEvent.PortalSetUp) => StatusKind.Ok,
        nameof(AuditEvent.MfaDisabled) or nameof(AuditEvent.AuthenticatorRemoved)
            or nameof(AuditEvent.RecoveryCodeUsed) or nameof(AuditEvent.MfaSwitchChanged) or nameof(AuditEvent.ReusedCode)
            or nameof(AuditEvent.LockedAccountTried)
            or nameof(AuditEvent.LockedByAdministrator) or nameof(AuditEvent.Deactivated)
            or nameof(AuditEvent.PasswordWithdrawn) or nameof(AuditEvent.LockedUnknownNameTried)
            or nameof(AuditEvent.TwinFound) or nameof(AuditEvent.AddressNoLongerSignsIn) => StatusKind.Warn,
        nameof(AuditEvent.WrongPassword) or nameof(AuditEvent.WrongCode) or nameof(AuditEvent.WrongRecoveryCode)
            or nameof(AuditEvent.UnknownName) or nameof(AuditEvent.WrongSetupCode)
            or nameof(AuditEvent.LockedAfterFailures) or nameof(AuditEvent.UnknownNameLocked)
            or nameof(AuditEvent.AddressLimitReached) or nameof(AuditEvent.AuthenticatorUnreadable)
            or nameof(AuditEvent.MailFailed) or nameof(AuditEvent.TemplateFailed) => StatusKind.Danger,
        _ => StatusKind.Neutral,
    };
}
