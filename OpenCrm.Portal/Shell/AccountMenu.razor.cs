using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Shell;

/// <summary>The account menu: own user record, help, theme, sign-out.</summary>
public sealed partial class AccountMenu
{
    [Inject] private ThemeChoice Theme { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    private static IEnumerable<(string Choice, string Text)> Themes =>
    [
        (ThemeChoice.Light, Texts.Shell_ThemeLight),
        (ThemeChoice.Dark, Texts.Shell_ThemeDark),
        (ThemeChoice.System, Texts.Shell_ThemeSystem),
    ];

    private async Task ChooseAsync(string choice)
    {
        Theme.Choose(choice);
        await Script.SetThemeAsync(choice);
    }
}
