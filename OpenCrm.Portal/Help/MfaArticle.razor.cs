using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Help;

/// <summary>The article "How do I use Multi-Factor Authentication?" in the portal's own words (docs/spec.md 10.1).</summary>
public sealed partial class MfaArticle(IJSRuntime script) : IAsyncDisposable
{
    private readonly HelpPart?[] parts = new HelpPart?[Enum.GetValues<HelpTopic>().Length];

    private PageModule? module;

    [Parameter, EditorRequired] public ArticleNumbers Numbers { get; set; } = null!;

    private static (HelpTopic Topic, string Title)[] Contents =>
    [
        (HelpTopic.What, Texts.Help_WhatTitle),
        (HelpTopic.Apps, Texts.Help_AppsTitle),
        (HelpTopic.SetUp, Texts.Help_SetUpTitle),
        (HelpTopic.ForOthers, Texts.Help_OthersTitle),
        (HelpTopic.SignIn, Texts.Help_SignInTitle),
        (HelpTopic.LostDevice, Texts.Help_LostTitle),
        (HelpTopic.Disable, Texts.Help_DisableTitle),
        (HelpTopic.Everyone, Texts.Help_EveryoneTitle),
        (HelpTopic.Mails, Texts.Help_MailsTitle),
        (HelpTopic.Locks, Texts.Help_LocksTitle),
        (HelpTopic.Clock, Texts.Help_ClockTitle),
    ];

    private string LinkLifetime => Numbers.LostDeviceLinkMinutes is >= 120 and var minutes && minutes % 60 == 0
        ? Phrase.Of(Texts.LostDevice_Hours, minutes / 60)
        : Phrase.Of(Texts.LostDevice_Minutes, Numbers.LostDeviceLinkMinutes);

    public async ValueTask DisposeAsync()
    {
        if (module is null) return;
        await module.CallAsync("leave");
        await module.DisposeAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        // What the prerendered page was watched by went with it: these are other elements.
        module = await script.ImportAsync("./Help/MfaArticle.razor.js");
        if (module is not null) await module.CallAsync("watch");
    }

    private async Task FocusAsync(HelpTopic topic)
    {
        if (parts[(int)topic] is { } part) await part.FocusAsync();
    }
}
