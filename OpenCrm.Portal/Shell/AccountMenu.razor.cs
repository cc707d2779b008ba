using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Shell;

/// <summary>The account menu: own user record, help, theme, sign-out.</summary>
public sealed partial class AccountMenu(ThemeChoice theme, IJSRuntime script)
{
    private static IEnumerable<(string Choice, string Text)> Themes =>
    [
        (ThemeChoice.Light, Texts.Shell_ThemeLight),
        (ThemeChoice.Dark, Texts.Shell_ThemeDark),
        (ThemeChoice.System, Texts.Shell_ThemeSystem),
    ];

    private async Task ChooseAsync(string choice)
    {
        theme.Choose(choice);
        await script.SetThemeAsync(choice);
    }
}
