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
        // Once only: a page that goes on with another query still has its guard.
        if (leaving || !HasChanges || IsThisPage(change.TargetLocation))
        {
            leaving = false;
            return;
        }
        change.PreventNavigation();
        leavingFor = change.TargetLocation;
        StateHasChanged();
    }

    private void Leave()
    {
        leaving = true;
        var target = leavingFor!;
        leavingFor = null;
        navigation.NavigateTo(target);
    }

    private void Stay() => leavingFor = null;

    private bool IsThisPage(string target)
    {
        var (to, here) = (navigation.ToAbsoluteUri(target), new Uri(navigation.Uri));
        return to.AbsolutePath == Path && (!QueryMatters || to.Query == here.Query);
    }
}
