namespace OpenCrm.Portal.Controls;

/// <summary>The dot before a state's text: colour and shape, never without the text.</summary>
public enum StatusKind
{
    Neutral,
    Ok,
    Warn,
    Danger,
    Off,
}
