namespace OpenCrm.Portal.Controls;

/// <summary>What an <see cref="Alert"/> is about; it decides colour, icon and whether it is read out at once.</summary>
public enum AlertKind
{
    Danger,
    Warn,
    Info,
    Success,
}
