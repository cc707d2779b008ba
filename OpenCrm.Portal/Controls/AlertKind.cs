namespace OpenCrm.Portal.Controls;

/// <summary>The kind of an <see cref="Alert"/>. It determines colour, icon, and whether the alert is read out at once.</summary>
public enum AlertKind
{
    Danger,
    Warn,
    Info,
    Success,
}
