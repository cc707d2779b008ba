using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.SignIn;

/// <summary>
/// Sets a password by a mailed link. Mail scanners open links too, so the page looks the same for every token, and opening it does not ask the server
/// about one. The page's script took the token out of the address before the circuit began, so that neither the browser's history nor the framework
/// holds it.
/// </summary>
public sealed partial class NewPasswordForm(
    PasswordLinks links,
    ClientConnection connection,
    Announcer announcer,
    NavigationManager navigation,
    IJSRuntime script,
    TimeProvider time)
{
    private Step step = Step.Password;
    private string? token, password, confirm, problem, passwordFault, confirmFault;
    private bool changed;
    private Refusal? locked;
    private int minimumLength;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = null!;

    protected override async Task OnInitializedAsync() => minimumLength = await links.ReadMinimumLengthAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            token = await script.ReadLinkTokenAsync();
            if (token is { Length: 0 })
            {
                End(Step.Incomplete);
                StateHasChanged();
                return;
            }
        }
        if (!changed) return;
        changed = false;
        await script.FocusHeadingAsync();
    }

    private async Task SetAsync()
    {
        problem = null;
        passwordFault = string.IsNullOrEmpty(password) ? Texts.Links_PasswordMissing : null;
        confirmFault = passwordFault is null && password != confirm ? Texts.Links_ConfirmDiffers : null;
        if (passwordFault is not null || confirmFault is not null) return;
        switch (await links.SetPasswordAsync(Kind, token ?? "", password!, connection.Nobody))
        {
            case NewPasswordOutcome.Done done:
                End(Step.Password);
                await LeaveAsync(done.UserId);
                break;
            case NewPasswordOutcome.LinkEnded:
                End(Step.Ended);
                break;
            case NewPasswordOutcome.Invalid invalid:
                passwordFault = PasswordWording.Describe(invalid.Faults, invalid.MinimumLength);
                break;
            case NewPasswordOutcome.Refused(var refusal):
                problem = RefusalWording.Of(refusal, wrong: "", changed: "", time.GetUtcNow());
                if (refusal is not (Refusal.LockedOut or Refusal.LockedByAdministrator)) break;
                locked = refusal;
                End(Step.Locked);
                break;
        }
    }

    /// <summary>
    /// Another person who is signed in here would only be sent from the sign-in page to the home page, so they go there directly. A person who set
    /// their own password is signed out by that.
    /// </summary>
    private async Task LeaveAsync(Guid userId)
    {
        if ((await Authentication).User is { Identity.IsAuthenticated: true } other
            && other.FindFirstValue(ClaimTypes.NameIdentifier) != userId.ToString())
        {
            announcer.AnnounceAt(PortalUrls.Home, Phrase.Of(Texts.Links_PasswordSetOther, LinkVisitor.NameOf(other)));
            navigation.NavigateTo(PortalUrls.Home);
            return;
        }
        announcer.Announce(Texts.Links_PasswordSet);
        ToSignIn();
    }

    private void End(Step with) => (step, changed, token, password, confirm) = (with, with != Step.Password, null, null, null);

    private void ToSignIn() => navigation.NavigateTo(PortalUrls.SignIn);

    private enum Step
    {
        Password,
        Ended,
        Incomplete,
        Locked,
    }
}
