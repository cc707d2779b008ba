using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Users;

/// <summary>A row of the list of users.</summary>
public sealed partial class UserListRow
{
    private UserRow? drawn;

    [Parameter, EditorRequired] public UserRow Row { get; set; } = null!;

    // A row is drawn again only when its data changed.
    protected override bool ShouldRender() => drawn != Row;

    protected override void OnAfterRender(bool firstRender) => drawn = Row;
}
