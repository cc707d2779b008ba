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

    /// <summary>
    /// What the repository keeps: one picture or two of the states that a newcomer wants to see. All of them together stay small enough to be
    /// fetched with the code.
    /// </summary>
    private static readonly Dictionary<string, string[]> Kept = new(StringComparer.Ordinal)
    {
        ["sign-in"] = ["1280-light", "390-dark"],
        ["code-step"] = ["390-light"],
        ["lost-device"] = ["390-light"],
        ["home"] = ["1280-light", "390-dark"],
        ["users"] = ["1280-light", "390-light"],
        ["user-enrolled"] = ["1280-dark"],
        ["settings"] = ["1280-light"],
        ["template"] = ["1280-light"],
        ["wizard-scan"] = ["1280-light", "390-dark"],
        ["audit-trail"] = ["1280-dark"],
    };

    public static LookShape[] KeptOf(string state) =>
        [.. Kept.GetValueOrDefault(state, []).Select(name => All.Single(shape => shape.Name == name))];
}
