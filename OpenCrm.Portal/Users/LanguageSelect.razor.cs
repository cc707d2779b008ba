using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Lets a person choose the language, on the own record. The choice is saved at once, and the page is drawn again in it.</summary>
public sealed partial class LanguageSelect(
    OwnLanguage ownLanguage, ReaderCulture reader, Announcer announcer, NavigationManager navigation, IJSRuntime script, ILogger<LanguageSelect> log)
{
    private ElementReference select;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender || !reader.JustChosen) return;
        reader.JustChosen = false;
        await script.FocusIfFreeAsync(select);
    }

    private async Task ChooseAsync(ChangeEventArgs change)
    {
        var chosen = change.Value is string { Length: > 0 } name ? name : null;
        var problem = await PageAction.RunAsync(
            () => ownLanguage.ChooseAsync(chosen), broken => LogFailed(log, broken), Texts.Users_LanguageNotSaved);
        if (problem is not null)
        {
            announcer.Announce(problem);
            return;
        }
        Chosen = chosen;
        var before = reader.Language;
        reader.Follow(chosen);
        if (reader.Language == before)
        {
            announcer.Announce(Texts.Users_LanguageSaved);
            return;
        }
        // In the new language, on the page that is about to take the place of this one.
        reader.Apply();
        reader.JustChosen = true;
        announcer.AnnounceAt(new Uri(navigation.Uri).AbsolutePath, Texts.Users_LanguageSaved);
    }

    [LoggerMessage(LogLevel.Error, "A person's language could not be saved")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
