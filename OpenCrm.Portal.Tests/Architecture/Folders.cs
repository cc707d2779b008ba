namespace OpenCrm.Portal.Tests.Architecture;

/// <summary>The picture of the house: which folders there are, and on which floor each stands.</summary>
internal static class Folders
{
    public const string Root = "OpenCrm.Portal";

    /// <summary>Presentational components that every page uses. They stand beside the floors and know none.</summary>
    public const string Controls = "Controls";

    public static readonly IReadOnlyList<string> Features =
        ["SignIn", "Enrolment", "LostDevice", "Users", "Configuration", "EmailTemplates", "Outbox", "AuditLog", "Help"];

    // From the ground up. A folder knows what is below it; folders of one floor know each other, except features.
    private static readonly IReadOnlyList<IReadOnlyList<string>> Floors =
    [
        ["Accounts"],
        ["Data"],
        ["Sessions", "Audit", "Mail"],
        ["Credentials"],
        Features,
        ["Shell", "Home", "Setup", "Rescue"],
    ];

    public static IEnumerable<string> All => Floors.SelectMany(floor => floor).Append(Controls);

    /// <summary>The folder of a type of ours; empty for those beside Program.cs; null for everybody else's types.</summary>
    public static string? Of(string typeName)
    {
        if (!typeName.StartsWith(Root + ".", StringComparison.Ordinal))
            return null;
        var inside = typeName[(Root.Length + 1)..];
        var dot = inside.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? "" : inside[..dot];
    }

    public static bool MayKnow(string folder, string other)
    {
        if (folder == other || other.Length == 0)
            return true;
        if (other == Controls)
            // Credentials draws the step-up fields that several features show.
            return FloorOf(folder) >= FloorOf("Credentials");
        if (folder == Controls)
            return false;
        return FloorOf(other) < FloorOf(folder) || (FloorOf(other) == FloorOf(folder) && !Features.Contains(folder));
    }

    private static int FloorOf(string folder) => Enumerable.Range(0, Floors.Count).FirstOrDefault(floor => Floors[floor].Contains(folder), -1);
}
