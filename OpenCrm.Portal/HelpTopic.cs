namespace OpenCrm.Portal;

/// <summary>The parts of the help article, in its order. Pages link to the part that explains them.</summary>
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
    Mails,
    Locks,
    Clock,
}
