using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Users;

/// <summary>A row of the list of users.</summary>
public sealed partial class UserListRow
{
    private readonly BrowserTime browser;
    private readonly EventCallback<ChangeEventArgs> ticked;
    private (UserRow Row, bool Selected, string Exact, string Relative) shown;
    private (UserRow Row, bool Selected, string Exact, string Relative)? drawn;

    public UserListRow(BrowserTime browser)
    {
        this.browser = browser;
        ticked = EventCallback.Factory.Create<ChangeEventArgs>(this, change => SelectedChanged.InvokeAsync((bool)change.Value!));
    }

    [Parameter, EditorRequired] public UserRow Row { get; set; } = null!;

    [Parameter] public bool Selected { get; set; }

    [Parameter] public EventCallback<bool> SelectedChanged { get; set; }

    protected override void OnParametersSet()
    {
        var last = Row.LastSignInAt;
        shown = (Row, Selected, last is { } at ? browser.Exact(at) : "", last is { } then ? RelativeTime.Relative(browser, then) : "");
    }

    // A row is drawn again only when its data, its tick or the reader's zone changed.
    protected override bool ShouldRender() => drawn != shown;

    protected override void OnAfterRender(bool firstRender) => drawn = shown;
}
