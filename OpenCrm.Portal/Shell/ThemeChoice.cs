namespace OpenCrm.Portal.Shell;

/// <summary>
/// The chosen theme: light, dark, or like the system. It comes from cookies when a page is prerendered, and from the root component inside a circuit.
/// </summary>
public sealed class ThemeChoice
{
    public const string Light = "light";
    public const string Dark = "dark";
    public const string System = "system";

    public string Choice { get; private set; } = System;

    public bool SystemIsDark { get; private set; }

    public string Name => Choice == Dark || (Choice == System && SystemIsDark) ? Dark : Light;

    /// <summary>Prefix of the names of the cookies that the page's script writes. If there is one, they are also Secure.</summary>
    public string CookiePrefix { get; private set; } = "";

    /// <summary>Sets the theme of the page that is being prerendered.</summary>
    internal void Start(string? choice, bool systemIsDark, string cookiePrefix)
    {
        CookiePrefix = cookiePrefix;
        Start(choice, systemIsDark);
    }

    internal void Start(string? choice, bool systemIsDark)
    {
        // A cookie can hold anything. An unknown word means that nothing was chosen.
        Choice = choice is Light or Dark ? choice : System;
        SystemIsDark = systemIsDark;
    }

    internal void Choose(string choice) => Start(choice, SystemIsDark);
}
