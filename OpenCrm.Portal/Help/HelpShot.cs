namespace OpenCrm.Portal.Help;

/// <summary>
/// The pictures of the article, each of a real page: taken in every language and in both themes by OpenCrm.Portal.Benchmarks/looks.sh help.
/// </summary>
public enum HelpShot
{
    SignIn,
    CodeStep,
    WizardApp,
    RecordMfa,
    WizardScan,
    WizardConfirm,
    WizardOther,
    LostDevice,
    LostDeviceConfirm,
    DisableMfa,
    MfaSwitch,
    Template,
    Locked,
    Clock,
}
