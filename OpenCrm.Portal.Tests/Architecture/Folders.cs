namespace OpenCrm.Portal.Tests.Architecture;

/// <summary>The folders of the portal and the floor of each; the picture is in docs/architecture.md.</summary>
internal static class Folders
{
    public const string Root = "OpenCrm.Portal";

    /// <summary>Presentational components that every page uses. They are on no floor and know no other folder.</summary>
    public const string Controls = "Controls";

    public static readonly IReadOnlyList<string> Features =
        ["SignIn", "Enrolment", "LostDevice", "Users", "Configuration", "EmailTemplates", "Outbox", "AuditLog", "Help"];

    // From the ground up. A folder knows those on lower floors and on its own floor; features do not know each other.
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

    /// <summary>Returns the folder of a type of ours; empty for types beside Program.cs, null for types of others.</summary>
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
            // Credentials draws the step-up fields, which several features show.
            return FloorOf(folder) >= FloorOf("Credentials");
        if (folder == Controls)
            return false;
        return FloorOf(other) < FloorOf(folder) || (FloorOf(other) == FloorOf(folder) && !Features.Contains(folder));
    }

    private static int FloorOf(string folder) => Enumerable.Range(0, Floors.Count).FirstOrDefault(floor => Floors[floor].Contains(folder), -1);
}
