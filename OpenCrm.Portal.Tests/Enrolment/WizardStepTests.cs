using Bunit;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Enrolment;

namespace OpenCrm.Portal.Tests.Enrolment;

/// <summary>Each step of the wizard by itself: values go in, events come out.</summary>
public sealed class WizardStepTests : BunitContext
{
    public WizardStepTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    [Fact]
    public void Get_an_app_names_three_apps_and_goes_on()
    {
        var (next, cancel) = (0, 0);
        var step = Render<GetAppStep>(p => p.Add(s => s.OnNext, () => next++).Add(s => s.OnCancel, () => cancel++));

        Assert.Equal(["Google Authenticator", "Microsoft Authenticator", "LastPass"], step.FindAll(".apps strong").Select(app => app.TextContent));
        Assert.Empty(step.FindAll("[role=note]"));
        step.Find("form").Submit();
        Button(step, "Cancel").Click();
        Assert.Equal((1, 1), (next, cancel));
    }

    [Fact]
    public void For_somebody_else_the_first_thing_said_is_whose_device_it_must_be()
    {
        var step = Render<GetAppStep>(p => p.Add(s => s.ForSomebodyElse, "Priya Raman"));

        var first = step.Find(".wizard__body > :first-child");
        Assert.Equal("note", first.GetAttribute("role"));
        Assert.Contains("Priya Raman needs the phone or app at hand now", first.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_shows_the_code_the_key_and_a_link_for_phones()
    {
        var (next, back, cancel, copy) = (0, 0, 0, 0);
        const string address = "otpauth://totp/OpenCRM:ann.lee?secret=GEZDGNBVGY3TQOJQ&issuer=OpenCRM&algorithm=SHA1&digits=6&period=30";
        var step = Render<ScanStep>(p => p
            .Add(s => s.OtpauthUri, address).Add(s => s.ManualKey, ["GEZD", "GNBV", "GY3T", "QOJQ"])
            .Add(s => s.OnNext, () => next++).Add(s => s.OnBack, () => back++).Add(s => s.OnCancel, () => cancel++).Add(s => s.OnCopy, () => copy++));

        Assert.Equal("img", step.Find("[aria-label='QR code']").GetAttribute("role"));
        Assert.Equal(
            "GEZD GNBV GY3T QOJQ",
            string.Join(
                ' ',
                step.Find("[role=group][aria-label='Manual key']").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        var link = step.Find("a.only-phone");
        Assert.Equal((address, "Open in authenticator app"), (link.GetAttribute("href"), link.TextContent.Trim()));
        Button(step, "Copy key").Click();
        Button(step, "Back").Click();
        Button(step, "Cancel").Click();
        step.Find("form").Submit();
        Assert.Equal((1, 1, 1, 1), (next, back, cancel, copy));
    }

    [Fact]
    public void An_administrators_phone_gets_no_link_that_would_put_the_key_into_the_wrong_app()
    {
        var step = Render<ScanStep>(p => p
            .Add(s => s.OtpauthUri, "otpauth://totp/x")
            .Add(s => s.ManualKey, ["GEZD"])
            .Add(s => s.ForSomebodyElse, "Priya Raman"));
        Assert.Empty(step.FindAll("a"));
    }

    [Fact]
    public void Confirm_takes_a_code_and_saves_with_Enter()
    {
        string? typed = null;
        var (save, back, cancel) = (0, 0, 0);
        var step = Render<ConfirmStep>(p => p
            .Add(s => s.Issuer, "OpenCRM").Add(s => s.Username, "ann.lee").Add(s => s.CodeChanged, (string? code) => typed = code)
            .Add(s => s.OnSave, () => save++).Add(s => s.OnBack, () => back++).Add(s => s.OnCancel, () => cancel++));

        var field = step.Find("input");
        Assert.Equal("Six-digit code", step.Find($"label[for={field.Id}]").TextContent);
        Assert.Equal("one-time-code", field.GetAttribute("autocomplete"));
        field.Input("123 456");
        step.Find("form").Submit();
        Button(step, "Back").Click();
        Button(step, "Cancel").Click();
        Assert.Equal(("123 456", 1, 1, 1), (typed, save, back, cancel));
        Assert.Empty(step.FindAll("[role=alert]"));
    }

    [Theory]
    [InlineData(240, "Your phone’s clock is 4 minutes ahead.")]
    [InlineData(-240, "Your phone’s clock is 4 minutes behind.")]
    [InlineData(-90, "Your phone’s clock is 90 seconds behind.")]
    [InlineData(60, "Your phone’s clock is 60 seconds ahead.")]
    [InlineData(-120, "Your phone’s clock is 2 minutes behind.")]
    [InlineData(600, "Your phone’s clock is 10 minutes ahead.")]
    public void A_clock_that_is_off_is_told_by_how_much_and_which_way(int seconds, string said)
    {
        var step = Render<ConfirmStep>(p => p.Add(s => s.ClockOff, TimeSpan.FromSeconds(seconds)));
        Assert.Equal(said, step.Find("[role=alert] strong").TextContent);
    }

    [Fact]
    public void A_wrong_code_is_announced()
    {
        var step = Render<ConfirmStep>(p => p.Add(s => s.Problem, "That code is not right."));
        Assert.Equal("That code is not right.", step.Find("[role=alert]").TextContent.Trim());
    }

    [Fact]
    public void Done_says_what_changes_at_the_next_sign_in()
    {
        var done = 0;
        var step = Render<DoneStep>(p => p.Add(s => s.OnDone, () => done++));
        Assert.Contains(
            "Next time you sign in, we ask for your password and then for a code from the app.",
            step.Markup
                .Replace("<strong>", "", StringComparison.Ordinal)
                .Replace("</strong>", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
        Button(step, "Done").Click();
        Assert.Equal(1, done);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void A_run_that_stopped_says_why_and_offers_another_where_that_helps(bool mayRestart, int buttons)
    {
        var (restart, leave) = (0, 0);
        var step = Render<StoppedStep>(p => p
            .Add(s => s.Text, "Why").Add(s => s.MayRestart, mayRestart).Add(s => s.OnRestart, () => restart++).Add(s => s.OnLeave, () => leave++));
        Assert.Equal("Why", step.Find("[role=alert]").TextContent.Trim());
        foreach (var button in step.FindAll("button.btn--primary")) button.Click();
        Button(step, "Cancel").Click();
        Assert.Equal((buttons, 1), (restart, leave));
    }

    [Fact]
    public void The_stepper_marks_where_one_is()
    {
        var stepper = Render<Stepper>(p => p.Add(s => s.At, 1));
        Assert.Equal(
            ["Get an app", "Scan", "Confirm"],
            stepper.FindAll("li")
                .Select(li => li.ChildNodes
                    .Last(n => n.NodeType == AngleSharp.Dom.NodeType.Text && n.TextContent.Trim().Length > 0).TextContent.Trim()));
        Assert.Contains("Scan", stepper.Find("li[aria-current=step]").TextContent, StringComparison.Ordinal);
        Assert.Single(stepper.FindAll("li.is-done"));
    }

    [Fact]
    public void A_step_that_asks_for_it_takes_the_focus_to_its_heading()
    {
        var step = Render<ConfirmStep>(p => p.Add(s => s.Focus, true));
        Assert.Equal("-1", step.Find("h2").GetAttribute("tabindex"));
        JSInterop.VerifyFocusAsyncInvoke();
    }

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<IComponent> step, string name) =>
        step.FindAll("button").Single(button => button.TextContent.Trim() == name);
}
