using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace OpenCrm.Portal.Controls;

/// <summary>Asks before a page with unsaved changes is left. Each page with a Save contains one.</summary>
public sealed partial class UnsavedGuard(NavigationManager navigation)
{
    private string? leavingFor;
    private bool leaving;

    private void Guard(LocationChangingContext change)
    {
        if (leaving || !HasChanges || IsThisPage(change.TargetLocation)) return;
        change.PreventNavigation();
        leavingFor = change.TargetLocation;
        StateHasChanged();
    }

    private void Leave()
    {
        leaving = true;
        navigation.NavigateTo(leavingFor!);
    }

    private void Stay() => leavingFor = null;

    private bool IsThisPage(string target) => navigation.ToAbsoluteUri(target).AbsolutePath == Path;
}
