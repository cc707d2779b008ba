namespace OpenCrm.Portal.Benchmarks;

/// <summary>How a state is pictured: the window, its theme, and as if pointer or focus were on everything at once.</summary>
internal sealed record LookShape(string Name, int Width, bool Dark = false, bool Touch = false, bool Forced = false, params string[] Pseudo)
{
    public static LookShape Desktop { get; } = new("1280-light", 1280);

    /// <summary>What a person may see of a state, for comparing two versions.</summary>
    public static readonly LookShape[] All =
    [
        Desktop, new("1280-dark", 1280, Dark: true), new("390-light", 390), new("390-dark", 390, Dark: true),
        new("900-tablet", 900, Touch: true), new("320-light", 320), new("1280-forced", 1280, Forced: true),
        new("1280-hover", 1280, Pseudo: ["hover", "active"]), new("1280-focus", 1280, Pseudo: ["focus", "focus-visible", "focus-within"]),
        new("390-forced", 390, Forced: true),
    ];

    private static readonly LookShape[] Main = [Desktop, new("1280-dark", 1280, Dark: true), new("390-light", 390)];

    /// <summary>The states that people see every day. Of the others one picture is kept in the repository.</summary>
    private static readonly string[] Everyday =
    [
        "sign-in", "code-step", "locked", "lost-device", "home", "member-home", "users", "user-enrolled", "account-enrolled", "settings", "template",
        "wizard-scan", "wizard-done", "disable-mfa", "sign-in-again", "audit-trail",
    ];

    public static LookShape[] KeptOf(string state) => Everyday.Contains(state) ? Main : [Desktop];
}
