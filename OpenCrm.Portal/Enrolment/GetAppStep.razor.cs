using Microsoft.AspNetCore.Components;

namespace OpenCrm.Portal.Enrolment;

/// <summary>The first step of the wizard: names authenticator apps.</summary>
public sealed partial class GetAppStep
{
    /// <summary>The name of the person who must have the device at hand; null for oneself.</summary>
    [Parameter] public string? ForSomebodyElse { get; set; }

    /// <summary>An older authenticator is replaced at Save, and works until then.</summary>
    [Parameter] public bool Replaces { get; set; }

    /// <summary>The key existed already: the page was loaded again.</summary>
    [Parameter] public bool Resumed { get; set; }

    [Parameter] public bool Focus { get; set; }

    [Parameter] public EventCallback OnNext { get; set; }

    [Parameter] public EventCallback OnCancel { get; set; }

    private static (string Name, string RunsOn)[] Apps =>
    [
        ("Google Authenticator", Texts.Enrolment_AppPhones),
        ("Microsoft Authenticator", Texts.Enrolment_AppPhones),
        ("LastPass", Texts.Enrolment_AppPhonesAndBrowser),
    ];
}
