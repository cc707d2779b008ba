using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Enrolment;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>The whole wizard, with its service on a real database.</summary>
public sealed class WizardTests : BunitContext, IAsyncLifetime
{
    private EnrolmentFixture _fixture = null!;
    private Circuit _circuit = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await EnrolmentFixture.CreateAsync();
        _circuit = await _fixture.SignInAsync(await _fixture.AddUserAsync("ann.lee", administrator: true));
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(_circuit.Enrolment);
        Services.AddSingleton(_circuit.StepUp);
        Services.AddSingleton(_circuit.Services.GetRequiredService<OwnRecoveryCodes>());
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<ReaderCulture>();
        Services.AddSingleton<BrowserTime>();
        Services.AddSingleton<Announcer>();
        // Comes last, because it resolves the first service, and none can be added after that.
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await _circuit.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public void A_prerendered_page_has_no_key()
    {
        SetRendererInfo(new RendererInfo("Static", isInteractive: false));
        var wizard = RenderWizard();
        Assert.Equal("Setup MFA", wizard.Find("h1").TextContent);
        Assert.DoesNotContain("otpauth", wizard.Markup, StringComparison.Ordinal);
        Assert.Empty(wizard.FindAll("form"));
    }

    [Fact]
    public async Task From_the_app_to_the_first_code()
    {
        var wizard = RenderWizard();
        var begun = await ToConfirmAsync(wizard);

        await wizard.Find("input").InputAsync("1");
        await wizard.Find("form").SubmitAsync();
        wizard.WaitForState(() => wizard.FindAll("[role=alert]").Count == 1, TimeSpan.FromSeconds(10));
        Assert.Equal("", wizard.Find("input").GetAttribute("value") ?? "");

        await wizard.Find("input").InputAsync(await Support.Oathtool.CodeAsync(begun, _fixture.Now));
        await wizard.Find("form").SubmitAsync();
        wizard.WaitForState(() => wizard.Markup.Contains("MFA is on", StringComparison.Ordinal), TimeSpan.FromSeconds(10));

        Assert.Equal(10, wizard.FindAll("[aria-label='Recovery codes'] li").Count);
        Assert.True(Button(wizard, "Done").HasAttribute("disabled"));
        await wizard.Find("input[type=checkbox]").ChangeAsync(new ChangeEventArgs { Value = true });
        wizard.WaitForState(() => !Button(wizard, "Done").HasAttribute("disabled"), TimeSpan.FromSeconds(10));
        Button(wizard, "Done").Click();
        Assert.EndsWith(PortalUrls.Account, Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_asks_first_from_the_key_on()
    {
        var navigation = Services.GetRequiredService<NavigationManager>();
        var wizard = RenderWizard();
        await ToConfirmAsync(wizard);

        await Button(wizard, "Cancel").ClickAsync();
        Assert.Contains("Leave without setting up MFA?", wizard.Find("dialog").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(PortalUrls.Account, navigation.Uri, StringComparison.Ordinal);
        await wizard.Find("dialog form").SubmitAsync();
        Assert.EndsWith(PortalUrls.Account, navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Esc_asks_first_once_the_key_was_seen_and_leaves_before()
    {
        var wizard = RenderWizard();
        wizard.WaitForElement("form", TimeSpan.FromSeconds(10));
        await EscapeAsync(wizard);
        Assert.EndsWith(PortalUrls.Account, Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        Assert.Empty(await _fixture.PendingAsync());

        var other = RenderWizard();
        await ToScanAsync(other);
        await EscapeAsync(other);
        Assert.Single(other.FindAll("dialog"));
        await Button(other, "Back").ClickAsync();
        await Cancelled(other);
        await EscapeAsync(other);
        Assert.Single(other.FindAll("dialog"));

        static Task EscapeAsync(IRenderedComponent<Wizard> wizard) =>
            wizard.Find("section").TriggerEventAsync("onkeydown", new KeyboardEventArgs { Key = "Escape" });
        static Task Cancelled(IRenderedComponent<Wizard> wizard) => wizard.Find("dialog [data-cancel]").ClickAsync();
    }

    /// <summary>Red without the lock on navigation: the page is left at once.</summary>
    [Fact]
    public async Task A_link_and_the_browser_s_Back_ask_as_Cancel_does_and_then_lead_where_they_led()
    {
        var navigation = Services.GetRequiredService<NavigationManager>();
        var wizard = RenderWizard();
        await ToConfirmAsync(wizard);

        await wizard.InvokeAsync(() => navigation.NavigateTo(PortalUrls.Users));
        Assert.Contains(
            "Leave without setting up MFA?",
            wizard.WaitForElement("dialog", TimeSpan.FromSeconds(10)).TextContent,
            StringComparison.Ordinal);
        Assert.DoesNotContain(PortalUrls.Users, navigation.Uri, StringComparison.Ordinal);
        Assert.Single(await _fixture.PendingAsync());

        await wizard.Find("dialog form").SubmitAsync();
        wizard.WaitForAssertion(() => Assert.EndsWith(PortalUrls.Users, navigation.Uri, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.Empty(await _fixture.PendingAsync());
    }

    /// <summary>Red when the key is kept in the circuit, and when Dispose cancels the run: another key is shown without a word.</summary>
    [Fact]
    public async Task A_page_loaded_again_shows_the_same_key_and_says_so()
    {
        var first = RenderWizard();
        var key = await ToConfirmAsync(first);
        first.Instance.Dispose();

        var again = RenderWizard();
        Assert.Contains(
            "the key is the same as before",
            again.WaitForElement("[role=note]", TimeSpan.FromSeconds(10)).TextContent,
            StringComparison.Ordinal);
        await ToScanAsync(again);
        Assert.Equal(key, Key(again));
    }

    [Fact]
    public async Task A_key_that_expired_is_told_of_and_the_person_begins_anew()
    {
        var first = RenderWizard();
        var key = await ToConfirmAsync(first);
        _fixture.Advance(MfaEnrolment.Lifetime);
        await _fixture.ProveAsync(_circuit);

        var again = RenderWizard();
        Assert.Contains("more than 30 minutes", again.WaitForElement("[role=alert]", TimeSpan.FromSeconds(10)).TextContent, StringComparison.Ordinal);
        await Button(again, "Start again").ClickAsync();
        await ToScanAsync(again);
        Assert.NotEqual(key, Key(again));
    }

    /// <summary>Red without the note: the QR code is the first thing that the person sees.</summary>
    [Fact]
    public async Task Before_the_code_of_a_replacement_one_reads_that_some_apps_overwrite_the_old_entry()
    {
        await _fixture.EnrolAsync(_circuit);

        var wizard = RenderWizard();
        wizard.WaitForElement("section button", TimeSpan.FromSeconds(10));
        await Button(wizard, "Replace").ClickAsync();
        wizard.WaitForElement("form", TimeSpan.FromSeconds(10));
        Assert.Contains("Some apps overwrite an entry of the same name", wizard.Find("[role=note]").TextContent, StringComparison.Ordinal);
        Assert.Empty(wizard.FindAll("[aria-label='QR code']"));
        await ToConfirmAsync(wizard);
        await Button(wizard, "Cancel").ClickAsync();
        Assert.DoesNotContain("The old app goes on working", wizard.Find("dialog").TextContent, StringComparison.Ordinal);
        Assert.Contains("stay and finish", wizard.Find("dialog").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_enrolled_is_asked_whether_to_add_or_replace_and_names_what_is_added()
    {
        await _fixture.EnrolAsync(_circuit);
        var wizard = RenderWizard();
        wizard.WaitForElement("section button", TimeSpan.FromSeconds(10));
        Assert.Equal(["Add another", "Replace", "Cancel"], wizard.FindAll("section button").Select(button => button.TextContent.Trim()));
        Assert.Empty(wizard.FindAll("select"));

        await Button(wizard, "Add another").ClickAsync();
        var key = await ToConfirmAsync(wizard);
        var name = wizard.Find("input[name=authenticator]");
        Assert.Equal("Authenticator app 2", name.GetAttribute("value"));
        await name.InputAsync("Work phone");
        await wizard.Find("input[name=code]").InputAsync(await Support.Oathtool.CodeAsync(key, _fixture.Now));
        await wizard.Find("form").SubmitAsync();

        wizard.WaitForState(
            () => wizard.Markup.Contains("Another authenticator is set up", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.Contains("“Work phone”", wizard.Find("section").TextContent, StringComparison.Ordinal);

        // With several the person says which one is replaced.
        var again = RenderWizard();
        again.WaitForElement("select", TimeSpan.FromSeconds(10));
        Assert.Equal(["Authenticator app", "Work phone"], again.FindAll("option").Select(option => option.TextContent).Order());
    }

    [Fact]
    public async Task A_tab_whose_key_another_tab_has_saved_says_that_MFA_is_on()
    {
        var wizard = RenderWizard();
        var key = await ToConfirmAsync(wizard);
        await using var other = _fixture.AnotherTab(_circuit);
        Assert.True(Assert.IsType<EnrolmentOutcome.Begun>(await other.Enrolment.BeginAsync()).Resumed);
        var code = await Support.Oathtool.CodeAsync(key, _fixture.Now);
        Assert.IsType<EnrolmentOutcome.Saved>(await other.Enrolment.SaveAsync(code));

        await wizard.Find("input").InputAsync(code);
        await wizard.Find("form").SubmitAsync();
        wizard.WaitForState(() => wizard.Markup.Contains("MFA is on", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Back_keeps_the_key()
    {
        var wizard = RenderWizard();
        var key = await ToConfirmAsync(wizard);
        await Button(wizard, "Back").ClickAsync();
        Assert.Equal(key, Key(wizard));
    }

    [Fact]
    public async Task A_stale_proof_opens_the_dialog_and_keeps_what_was_typed()
    {
        var wizard = RenderWizard();
        await ToConfirmAsync(wizard);
        _fixture.Advance(TimeSpan.FromMinutes(11));

        await wizard.Find("input").InputAsync("123456");
        await wizard.Find("form").SubmitAsync();
        var dialog = wizard.WaitForElement("dialog", TimeSpan.FromSeconds(10));

        Assert.Contains("Confirm it is you", dialog.TextContent, StringComparison.Ordinal);
        Assert.Equal(["Password"], dialog.QuerySelectorAll("label").Select(label => label.TextContent));
        Assert.Equal("123456", wizard.Find("section input").GetAttribute("value"));
    }

    [Fact]
    public async Task While_the_switch_is_off_it_says_so()
    {
        await _fixture.SwitchAsync(on: false);
        var wizard = RenderWizard();
        Assert.Contains("switched off", wizard.WaitForElement("[role=alert]", TimeSpan.FromSeconds(10)).TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<Wizard> RenderWizard() => Render<Wizard>(p => p.Add(w => w.LeaveTo, PortalUrls.Account));

    private static async Task ToScanAsync(IRenderedComponent<Wizard> wizard)
    {
        wizard.WaitForElement("form", TimeSpan.FromSeconds(10));
        await wizard.Find("form").SubmitAsync();
        wizard.WaitForElement("[aria-label='QR code']", TimeSpan.FromSeconds(10));
    }

    private static async Task<string> ToConfirmAsync(IRenderedComponent<Wizard> wizard)
    {
        await ToScanAsync(wizard);
        var key = Key(wizard);
        await wizard.Find("form").SubmitAsync();
        wizard.WaitForElement("input", TimeSpan.FromSeconds(10));
        return key;
    }

    private static string Key(IRenderedComponent<Wizard> wizard) =>
        string.Concat(wizard.Find("[aria-label='Manual key']").TextContent.Where(char.IsLetterOrDigit));

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<Wizard> wizard, string name) =>
        wizard.FindAll("section button").Single(button => button.TextContent.Trim() == name);
}
