using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.LostDevice;

/// <summary>
/// The page of the mailed link, where people sign in to confirm (docs/spec.md 3.2). Mail scanners open links too, so the page looks the same for
/// every token, and opening it does not ask the server about one. The page's script took the token out of the address before the circuit began.
/// </summary>
public sealed partial class ConfirmPage
{
    private Step step = Step.Form;
    private string? token, name, password, problem;
    private bool nameMissing, passwordMissing, changed, refused;
    private Refusal? locked;
    private int minutes;
    private PasswordField? passwordField;

    [Inject] private LostDeviceFlow Flow { get; set; } = null!;

    [Inject] private SessionCookie Cookie { get; set; } = null!;

    [Inject] private CookieAdvice NoCookies { get; set; } = null!;

    [Inject] private Announcer Announcer { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    protected override async Task OnInitializedAsync() => minutes = await Flow.ReadLinkMinutesAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            token = await Script.ReadLinkTokenAsync();
            if (token is { Length: 0 })
            {
                End(Step.Incomplete, null);
                StateHasChanged();
                return;
            }
        }
        if (changed) await Script.FocusHeadingAsync();
        // After a refusal the password must be typed again, so its field gets the focus.
        else if (refused && passwordField is not null) await passwordField.FocusAsync();
        (changed, refused) = (false, false);
    }

    private async Task ConfirmAsync()
    {
        problem = null;
        (nameMissing, passwordMissing) = (string.IsNullOrWhiteSpace(name), string.IsNullOrEmpty(password));
        if (nameMissing || passwordMissing) return;
        switch (await Flow.ConfirmAsync(token ?? "", name!, password!))
        {
            case LostDeviceOutcome.Proved proved:
                (token, password) = (null, null);
                await EnterAsync(proved.Ticket);
                break;
            case LostDeviceOutcome.LinkEnded:
                End(Step.Ended, null);
                break;
            case LostDeviceOutcome.Refused(var refusal):
                Show(refusal);
                break;
            case LostDeviceOutcome.NoCookies:
                problem = await NoCookies.SayAsync();
                break;
        }
    }

    private void Show(Refusal refusal)
    {
        var text = RefusalWording.Of(refusal, wrong: Texts.SignIn_WrongPassword, changed: Texts.SignIn_Ended, Time.GetUtcNow());
        switch (refusal)
        {
            case Refusal.LockedOut or Refusal.LockedByAdministrator:
                locked = refusal;
                End(Step.Locked, text);
                break;
            case Refusal.Wrong:
                (problem, password, refused) = (text, "", true);
                break;
            default:
                problem = text;
                break;
        }
    }

    /// <summary>
    /// Signs the person in and goes to the home page, which offers to set up MFA on the new phone. Anybody who was signed in here before is no
    /// longer.
    /// </summary>
    private async Task EnterAsync(string ticket)
    {
        Flow.IsLeaving = true;
        Navigation.LocationChanged += OnArrived;
        try
        {
            if (await Cookie.TakeAsync(ticket))
            {
                Announcer.AnnounceAt(PortalUrls.Home, Texts.LostDevice_Done);
                Navigation.NavigateTo(PortalUrls.Home);
                return;
            }
            Announcer.Announce(Texts.LostDevice_NotIn);
            ToSignIn();
        }
        catch
        {
            StopLeaving();
            throw;
        }
    }

    private void OnArrived(object? sender, LocationChangedEventArgs change) => StopLeaving();

    private void StopLeaving()
    {
        Navigation.LocationChanged -= OnArrived;
        Flow.IsLeaving = false;
    }

    private void End(Step with, string? why) => (step, problem, changed, token, password) = (with, why, true, null, null);

    private void ToSignIn() => Navigation.NavigateTo(PortalUrls.SignIn);

    private enum Step
    {
        Form,
        Ended,
        Incomplete,
        Locked,
    }
}
