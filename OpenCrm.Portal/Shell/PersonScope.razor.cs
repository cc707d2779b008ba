using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Shell;

/// <summary>What belongs to the person of the moment: the key of everything drawn below, the company's name, the way out.</summary>
public sealed partial class PersonScope
{
    private string? session, company;
    private EventCallback signOut;

    [Parameter, EditorRequired] public RenderFragment ChildContent { get; set; } = null!;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject] private CompanyName Company { get; set; } = null!;

    [Inject] private SignOut Leaving { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    protected override void OnInitialized() => signOut = EventCallback.Factory.Create(this, SignOutAsync);

    protected override async Task OnParametersSetAsync()
    {
        session = (await Authentication).User.FindFirst(PortalClaims.SessionId)?.Value;
        company ??= await Company.ReadAsync();
    }

    private async Task SignOutAsync()
    {
        await Leaving.SignOutAsync();
        Navigation.NavigateTo(PortalUrls.SignIn);
    }
}
