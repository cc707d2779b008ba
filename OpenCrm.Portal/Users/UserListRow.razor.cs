using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Users;

/// <summary>A row of the list of users.</summary>
public sealed partial class UserListRow
{
    private (UserRow Row, bool Selected)? drawn;

    [Parameter, EditorRequired] public UserRow Row { get; set; } = null!;

    [Parameter] public bool Selected { get; set; }

    [Parameter] public EventCallback<bool> SelectedChanged { get; set; }

    // A row is drawn again only when its data or its tick changed.
    protected override bool ShouldRender() => drawn != (Row, Selected);

    protected override void OnAfterRender(bool firstRender) => drawn = (Row, Selected);
}
