namespace OpenCrm.Portal.Controls;

/// <summary>The kind of dot before the text of a state: its colour and shape. It is never shown without the text.</summary>
public enum StatusKind
{
    Neutral,
    Ok,
    Warn,
    Danger,
    Off,
}
