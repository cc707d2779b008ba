namespace OpenCrm.Portal.Shell;

/// <summary>Light, dark, or as the system has it. From the cookies when a page is prerendered, from the page's root inside a circuit.</summary>
public sealed class ThemeChoice
{
    public const string Light = "light";
    public const string Dark = "dark";
    public const string System = "system";

    public event Action? Changed;

    public string Choice { get; private set; } = System;

    public bool SystemIsDark { get; private set; }

    public bool IsDark => Choice == Dark || (Choice == System && SystemIsDark);

    public string Name => IsDark ? Dark : Light;

    /// <summary>What stands before the names of the cookies that the page's script writes; they are Secure if there is one.</summary>
    public string CookiePrefix { get; private set; } = "";

    /// <summary>For the page that is being prerendered.</summary>
    internal void Start(string? choice, bool systemIsDark, string cookiePrefix)
    {
        CookiePrefix = cookiePrefix;
        Start(choice, systemIsDark);
    }

    internal void Start(string? choice, bool systemIsDark)
    {
        // A cookie is whatever the browser says: unknown words mean nothing was chosen.
        Choice = choice is Light or Dark ? choice : System;
        SystemIsDark = systemIsDark;
    }

    internal void Choose(string choice)
    {
        Start(choice, SystemIsDark);
        Changed?.Invoke();
    }
}
