namespace OpenCrm.Portal;

/// <summary>A part of the help article; pages link to the one that explains them. In the order of the article.</summary>
public enum HelpTopic
{
    What,
    Apps,
    SetUp,
    ForOthers,
    SignIn,
    LostDevice,
    Disable,
    Everyone,
    Locks,
    Clock,
}
