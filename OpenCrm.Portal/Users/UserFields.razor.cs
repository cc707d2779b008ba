using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>The fields of New User and Edit, each with its error and with what another administrator has saved meanwhile.</summary>
public sealed partial class UserFields
{
    [Parameter, EditorRequired] public UserDraft Draft { get; set; } = null!;

    /// <summary>Raised when something was typed, or when another administrator's value was taken.</summary>
    [Parameter] public EventCallback OnEdited { get; set; }

    private static string Word(bool on) => on ? Texts.Controls_Yes : Texts.Controls_No;

    private Task Edit(EditedField<string> field, string? typed)
    {
        field.Typed = typed ?? "";
        return OnEdited.InvokeAsync();
    }

    private Task Tick(bool on)
    {
        Draft.Administrator.Typed = on;
        return OnEdited.InvokeAsync();
    }
}
