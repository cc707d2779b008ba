using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Enrolment;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>The wizard as a whole, its service on a real database.</summary>
public sealed class WizardTests : BunitContext, IAsyncLifetime
{
    private EnrolmentBench bench = null!;
    private Circuit circuit = null!;

    public async ValueTask InitializeAsync()
    {
        bench = await EnrolmentBench.CreateAsync();
        circuit = await bench.SignInAsync(await bench.AddUserAsync("ann.lee", administrator: true));
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(circuit.Enrolment);
        Services.AddSingleton(circuit.StepUp);
        Services.AddSingleton<Announcer>();
        // Takes the first service, so it comes last.
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await circuit.DisposeAsync();
        await bench.DisposeAsync();
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

        await wizard.Find("input").InputAsync(await Support.Oathtool.CodeAsync(begun, bench.Now));
        await wizard.Find("form").SubmitAsync();
        wizard.WaitForState(() => wizard.Markup.Contains("MFA is on", StringComparison.Ordinal), TimeSpan.FromSeconds(10));

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
    public async Task Esc_asks_first_from_the_key_on_and_leaves_before()
    {
        var wizard = RenderWizard();
        await ToScanAsync(wizard);
        await wizard.Find("section").TriggerEventAsync("onkeydown", new KeyboardEventArgs { Key = "Escape" });
        Assert.Single(wizard.FindAll("dialog"));

        var other = RenderWizard();
        other.WaitForElement("form", TimeSpan.FromSeconds(10));
        await other.Find("section").TriggerEventAsync("onkeydown", new KeyboardEventArgs { Key = "Escape" });
        Assert.EndsWith(PortalUrls.Account, Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
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
        bench.Advance(TimeSpan.FromMinutes(11));

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
        await bench.SwitchAsync(on: false);
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
