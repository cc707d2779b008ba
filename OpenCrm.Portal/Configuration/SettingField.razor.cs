using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Configuration;

/// <summary>The field of a setting, with what another administrator has saved meanwhile.</summary>
public sealed partial class SettingField<TBlock>
{
    [Parameter, EditorRequired] public SettingDraft<TBlock> Draft { get; set; } = null!;

    /// <summary>Whether the last save did not accept what is typed.</summary>
    [Parameter] public bool Refused { get; set; }

    /// <summary>A hint that replaces the setting's own.</summary>
    [Parameter] public string? Hint { get; set; }

    [Parameter] public string? Class { get; set; }

    [Parameter] public EventCallback OnEdited { get; set; }

    private string Typed => Draft.Value.Typed;

    private string? Error => Refused ? Draft.Setting.Refusal(Typed) : null;

    private static readonly string Block = $"settings:{typeof(TBlock).Name}";

    private string DraftName => $"{Block}:{Draft.Name}";

    private string? HintText => Hint ?? Draft.Setting.Hint?.Invoke();

    private RenderFragment? HintAndTheirs => HintText is null && !Draft.Value.IsContested ? null : Both;

    private Task PickAsync(ColourSetting<TBlock> setting, ChangeEventArgs picked) =>
        // A form that becomes interactive reports what its fields hold, and a picker holds a color also where none is typed.
        picked.Value is string colour && colour != setting.Picked(Typed) ? EditAsync(colour) : Task.CompletedTask;

    private Task EditAsync(string? typed)
    {
        Draft.Value.Typed = typed ?? "";
        return OnEdited.InvokeAsync();
    }
}
