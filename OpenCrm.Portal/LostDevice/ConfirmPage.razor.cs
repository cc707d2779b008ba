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
public sealed partial class ConfirmPage(
    LostDeviceFlow flow,
    SessionCookie cookie,
    CookieAdvice noCookies,
    Announcer announcer,
    NavigationManager navigation,
    IJSRuntime script,
    BrowserTime browser,
    TimeProvider time)
{
    private Step step = Step.Form;
    private string? token, name, password, problem;
    private bool nameMissing, passwordMissing, changed, refused;
    private Refusal? locked;
    private LostDeviceTerms terms = new(0, 0);
    private DateTimeOffset due;
    private PasswordField? passwordField;

    protected override async Task OnInitializedAsync() => terms = await flow.ReadTermsAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            token = await script.ReadLinkTokenAsync();
            if (token is { Length: 0 })
            {
                End(Step.Incomplete, null);
                StateHasChanged();
                return;
            }
        }
        if (changed) await script.FocusHeadingAsync();
        // After a refusal the password must be typed again, so its field gets the focus.
        else if (refused && passwordField is not null) await passwordField.FocusAsync();
        (changed, refused) = (false, false);
    }

    private async Task ConfirmAsync()
    {
        problem = null;
        (nameMissing, passwordMissing) = (string.IsNullOrWhiteSpace(name), string.IsNullOrEmpty(password));
        if (nameMissing || passwordMissing) return;
        switch (await flow.ConfirmAsync(token ?? "", name!, password!))
        {
            case LostDeviceOutcome.Proved proved:
                (token, password) = (null, null);
                await EnterAsync(proved.Ticket);
                break;
            case LostDeviceOutcome.Waiting waiting:
                due = waiting.Due;
                End(Step.Waiting, null);
                break;
            case LostDeviceOutcome.LinkEnded:
                End(Step.Ended, null);
                break;
            case LostDeviceOutcome.Refused(var refusal):
                Show(refusal);
                break;
            case LostDeviceOutcome.NoCookies:
                problem = await noCookies.SayAsync();
                break;
        }
    }

    private void Show(Refusal refusal)
    {
        var text = RefusalWording.Of(refusal, wrong: Texts.SignIn_WrongPassword, changed: Texts.SignIn_Ended, time.GetUtcNow());
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
        flow.IsLeaving = true;
        navigation.LocationChanged += OnArrived;
        try
        {
            if (await cookie.TakeAsync(ticket))
            {
                announcer.AnnounceAt(PortalUrls.Home, Texts.LostDevice_Done);
                navigation.NavigateTo(PortalUrls.Home);
                return;
            }
            announcer.Announce(Texts.LostDevice_NotIn);
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
        navigation.LocationChanged -= OnArrived;
        flow.IsLeaving = false;
    }

    private void End(Step with, string? why) => (step, problem, changed, token, password) = (with, why, true, null, null);

    private void ToSignIn() => navigation.NavigateTo(PortalUrls.SignIn);

    private enum Step
    {
        Form,
        Waiting,
        Ended,
        Incomplete,
        Locked,
    }
}
