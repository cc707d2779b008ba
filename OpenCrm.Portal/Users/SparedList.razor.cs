using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Users;

/// <summary>The users who are left as they are, and how many more there are.</summary>
public sealed partial class SparedList
{
    [Parameter, EditorRequired] public SparedUsers Spared { get; set; } = null!;

    /// <summary>How many to name at most.</summary>
    [Parameter] public int Most { get; set; } = int.MaxValue;

    private int Shown => Math.Min(Most, Spared.First.Count);
}
