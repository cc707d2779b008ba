using Bunit;
using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.SignIn;

namespace OpenCrm.Portal.Tests.SignIn;

/// <summary>Each step of signing in by itself: values go in, events come out (docs/spec.md 1.9).</summary>
public sealed class SignInStepTests : BunitContext
{
    public SignInStepTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    [Fact]
    public void The_password_step_hands_out_what_was_typed()
    {
        string? name = null, password = null;
        var submits = 0;
        var step = Render<PasswordStep>(p => p
            .Add(s => s.NameChanged, (string? typed) => name = typed)
            .Add(s => s.PasswordChanged, (string? typed) => password = typed)
            .Add(s => s.OnSubmit, () => submits++));

        var (username, secret) = (step.Find("[autocomplete=username]"), step.Find("[autocomplete=current-password]"));
        Assert.Equal(("Username or email", "Password"), (Label(step, username), Label(step, secret)));
        Assert.Equal("password", secret.GetAttribute("type"));
        username.Input("ann.lee");
        step.Find("[autocomplete=current-password]").Input(" correct horse ");
        step.Find("form").Submit();
        Assert.Equal(("ann.lee", " correct horse ", 1), (name, password, submits));
    }

    [Fact]
    public void A_form_sleeps_until_the_circuit_listens_and_never_posts_by_itself()
    {
        SetRendererInfo(new RendererInfo("Static", isInteractive: false));
        var step = Render<PasswordStep>();
        Assert.True(step.Find("fieldset").HasAttribute("disabled"));
        Assert.False(step.Find("form").HasAttribute("action"));
        Assert.False(step.Find("form").HasAttribute("method"));
    }

    [Fact]
    public void A_missing_field_says_so_at_the_field()
    {
        var step = Render<PasswordStep>(p => p.Add(s => s.NameMissing, true).Add(s => s.PasswordMissing, true));
        Assert.All(step.FindAll("input"), input =>
        {
            Assert.Equal("true", input.GetAttribute("aria-invalid"));
            Assert.Contains($"{input.Id}-error", input.GetAttribute("aria-describedby")!, StringComparison.Ordinal);
        });
        Assert.Equal(2, step.FindAll("[role=alert]").Count);
    }

    [Fact]
    public void A_refusal_stands_above_the_fields_and_the_password_takes_the_focus()
    {
        var step = Render<PasswordStep>();
        step.Render(p => p.Add(s => s.Problem, "That is not right."));
        Assert.Equal("That is not right.", step.Find("[role=alert]").TextContent.Trim());
        JSInterop.VerifyFocusAsyncInvoke();
    }

    [Fact]
    public void The_code_step_says_who_signs_in_and_takes_one_code()
    {
        string? code = null;
        var (submits, notYou) = (0, 0);
        var step = Render<CodeStep>(p => p
            .Add(s => s.Person, "Ann Lee")
            .Add(s => s.CodeChanged, (string? typed) => code = typed)
            .Add(s => s.OnSubmit, () => submits++).Add(s => s.OnNotYou, () => notYou++));

        var field = step.Find("input");
        Assert.Equal("Authentication code", Label(step, field));
        Assert.Equal(("one-time-code", "numeric"), (field.GetAttribute("autocomplete"), field.GetAttribute("inputmode")));
        Assert.Contains("Ann Lee", step.Find(".as-line").TextContent, StringComparison.Ordinal);
        field.Input("123 456");
        step.Find("form").Submit();
        step.Find("button.link").Click();
        Assert.Equal(("123 456", 1, 1), (code, submits, notYou));
        var lost = step.Find(".front__links a");
        Assert.Equal(("Lost your device/Disable MFA?", "/login/lost-device"), (lost.TextContent, lost.GetAttribute("href")));
    }

    [Fact]
    public void A_wrong_code_is_announced_without_a_count_of_what_is_left()
    {
        var step = Render<CodeStep>(p => p.Add(s => s.Wrong, true));
        var alert = step.Find("[role=alert]").TextContent;
        Assert.Contains("That code is not right", alert, StringComparison.Ordinal);
        Assert.DoesNotContain("attempt", alert, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void The_locked_step_says_what_to_do(bool byAttempts, int sentences)
    {
        var somebodyElse = 0;
        var step = Render<LockedCard>(p => p
            .Add(s => s.Text, "This account is locked.")
            .Add(s => s.Refusal, byAttempts ? new Refusal.LockedOut(null, 5) : new Refusal.LockedByAdministrator())
            .Add(s => s.OnSomebodyElse, () => somebodyElse++));
        Assert.Equal("This account is locked.", step.Find("[role=alert]").TextContent);
        Assert.Equal(sentences, step.FindAll("p").Count);
        Assert.Empty(step.FindAll("form"));
        step.Find("button").Click();
        Assert.Equal(1, somebodyElse);
    }

    private static string Label(IRenderedComponent<IComponent> step, AngleSharp.Dom.IElement field) =>
        step.Find($"label[for={field.Id}]").TextContent;
}
