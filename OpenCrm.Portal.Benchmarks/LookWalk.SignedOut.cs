using Microsoft.Playwright;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>What is seen before anybody is signed in: set-up, the front door, mailed links, locks, the start and the loss of the circuit.</summary>
internal sealed partial class LookWalk
{
    private async Task SetUpAsync()
    {
        await OpenAsync(fresh);
        await GotoAsync(PortalUrls.Setup);
        await LookAsync("setup");
        await PressAsync("Create system administrator");
        await AlertAsync();
        await LookAsync("setup-wrong");
    }

    private async Task FrontDoorAsync()
    {
        await OpenAsync(portal);
        await GotoAsync(PortalUrls.SignIn);
        await LookAsync("sign-in");
        await EnterPasswordAsync(Nobody, "nothing");
        await AlertAsync();
        await LookAsync("sign-in-wrong");
        await _page.EvaluateAsync("document.querySelector('[type=submit]').setAttribute('aria-busy', 'true')");
        await LookAsync("sign-in-busy");
        await GotoAsync(PortalUrls.ForgottenPassword);
        await LookAsync("forgotten-password");
        await FillAsync("Username or email", Nobody);
        await PressAsync("Send link");
        await HeadingAsync("Check your email");
        await LookAsync("forgotten-password-sent");
        await GotoAsync(PortalUrls.LostDevice);
        await LookAsync("lost-device");
        await FillAsync("Username or email", Nobody);
        await PressAsync("Send link");
        await HeadingAsync("Check your email");
        await LookAsync("lost-device-sent");
        await GotoAsync(PortalUrls.HelpMfa);
        await LookAsync("help-signed-out");
        await GotoAsync("/no-such-page");
        await LookAsync("not-found-signed-out");
        await GotoAsync(PortalUrls.Error);
        await LookAsync("error");
    }

    private async Task MailedLinksAsync()
    {
        await OpenAsync(portal);
        foreach (var (name, address) in new[]
        {
            ("reset-password", PortalUrls.ResetPassword),
            ("invitation", PortalUrls.Invitation),
            ("lost-device-confirm", PortalUrls.LostDeviceConfirm)
        })
        {
            await GotoAsync(address);
            await _page.Locator("main h1").WaitForAsync();
            await LookAsync($"{name}-incomplete");
        }
        await GotoAsync(PortalUrls.ResetPassword + "#no-such-token");
        await FillAsync("New password", "Eleven brave");
        await LookAsync("reset-password");
        await FillAsync("Confirm password", "another one");
        await PressAsync("Set password");
        await AlertAsync();
        await LookAsync("reset-password-wrong");
        await FillAsync("New password", "eleven brave lamps sing");
        await FillAsync("Confirm password", "eleven brave lamps sing");
        await PressAsync("Set password");
        await HeadingAsync("This link no longer works");
        await LookAsync("reset-password-ended");
        await GotoAsync(PortalUrls.Invitation + "#no-such-token");
        await _page.GetByLabel("New password", new() { Exact = true }).WaitForAsync();
        await LookAsync("invitation");
        await GotoAsync(PortalUrls.LostDeviceConfirm + "#no-such-token");
        await LookAsync("lost-device-confirm");
        await FillAsync("Username or email", Nobody);
        await PressAsync("Sign in and disable MFA");
        await AlertAsync();
        await LookAsync("lost-device-confirm-wrong");
        await FillAsync("Password", "eleven brave lamps sing");
        await PressAsync("Sign in and disable MFA");
        await HeadingAsync("This link no longer works");
        await LookAsync("lost-device-ended");
    }

    private async Task LockedAsync()
    {
        await OpenAsync(portal);
        await GotoAsync(PortalUrls.SignIn);
        var form = _page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true });
        for (var i = 0; i < 8 && await form.CountAsync() > 0; i++)
        {
            await EnterPasswordAsync("guessed", $"nothing {i}");
            await _page.Locator("main [role=alert]").First.WaitForAsync();
            // The answer to this try, not the one before: it empties the field, or the field is gone with the form.
            await _page.WaitForFunctionAsync("() => !document.querySelector('main input[type=password]')?.value");
        }
        await LookAsync("locked");
    }

    private async Task ConnectionAsync()
    {
        await OpenAsync(portal);
        await GotoAsync(PortalUrls.SignIn);
        foreach (var state in new[] { "retrying", "rejected", "starting", "address", "blocked", "stalled" })
        {
            await _page.EvaluateAsync(
                """
                state => {
                  const dialog = document.getElementById('reconnect');
                  dialog.dataset.state = state;
                  const link = dialog.querySelector('a');
                  if (state === 'address') link.textContent = link.href = 'https://crm.northwind.example';
                  if (dialog.open) dialog.close();
                  if (state === 'rejected') dialog.show();
                  else dialog.showModal();
                }
                """,
                state);
            await LookAsync($"reconnect-{state}");
        }
        await _page.EvaluateAsync("document.getElementById('reconnect').close(); document.getElementById('blazor-error-ui').style.display = 'block'");
        await LookAsync("circuit-failed");
    }

    private async Task GermanAsync()
    {
        await OpenAsync(portal, locale: "de-DE");
        await GotoAsync(PortalUrls.SignIn);
        await LookAsync("de-sign-in");
        await GotoAsync(PortalUrls.HelpMfa);
        await LookAsync("de-help");
    }

    /// <summary>Comes last: nobody signs in afterwards.</summary>
    private async Task AddressLimitAsync()
    {
        await OpenAsync(portal);
        await GotoAsync(PortalUrls.SignIn);
        var limit = _page.GetByText("Too many failed attempts from your network");
        for (var i = 0; i < 40 && await limit.CountAsync() == 0; i++)
        {
            await EnterPasswordAsync($"stranger-{i}", "nothing");
            await AlertAsync();
            await _page.WaitForFunctionAsync("() => !document.querySelector('main input[type=password]')?.value");
        }
        await limit.First.WaitForAsync();
        await LookAsync("address-limit");
    }

    private async Task UnscriptedAsync()
    {
        await OpenAsync(portal, script: false);
        await _page.GotoAsync(PortalUrls.SignIn);
        await LookAsync("no-script");
        await OpenAsync(portal);
        await _page.RouteAsync("**/*.js", route => route.AbortAsync());
        await _page.GotoAsync(PortalUrls.SignIn);
        await LookAsync("no-script-arrives");
    }
}
