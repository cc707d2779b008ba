using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Shell;

/// <summary>
/// Chooses the layout: the shell for people who are signed in, the plain front layout for everybody else. Also for a page that is refused or fails.
/// </summary>
public sealed partial class FrameLayout
{
    private Type? frame;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    protected override async Task OnParametersSetAsync() =>
        frame = (await Authentication).User.Identity?.IsAuthenticated == true ? typeof(MainLayout) : typeof(FrontLayout);
}
