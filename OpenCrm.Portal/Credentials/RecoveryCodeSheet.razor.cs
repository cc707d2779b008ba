using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Shows recovery codes where they were made: at the wizard's end, after a sign-in, on the record. The tick that they are saved is stored at once;
/// until then every later sign-in shows fresh ones.
/// </summary>
public sealed partial class RecoveryCodeSheet(
    OwnRecoveryCodes own, Announcer announcer, BrowserTime browser, IJSRuntime script, ILogger<RecoveryCodeSheet> log)
{
    private const string Script = "./Credentials/RecoveryCodeSheet.razor.js";

    private ElementReference sheet;
    private bool saved, isStored;
    private string? problem;

    [Parameter, EditorRequired] public Guid SetId { get; set; }

    [Parameter, EditorRequired] public IReadOnlyList<string> Codes { get; set; } = [];

    /// <summary>Whose codes they are: a sheet of paper must say it.</summary>
    [Parameter, EditorRequired] public string Username { get; set; } = "";

    /// <summary>Raised with the tick; what closes the sheet wakes with it.</summary>
    [Parameter] public EventCallback<bool> OnSaved { get; set; }

    [CascadingParameter(Name = "Company")] private string? Company { get; set; }

    private string Heading => Phrase.Of(Texts.Recovery_Heading, Company ?? "", Username, browser.Date(browser.Now));

    private async Task CopyAsync()
    {
        var copied = await AskAsync("copy", string.Join('\n', Codes));
        announcer.Announce(copied ? Texts.Recovery_Copied : Texts.Recovery_NotCopied);
    }

    private async Task DownloadAsync()
    {
        string[] lines = [Heading, "", .. Codes, "", Texts.Recovery_Keep, ""];
        if (!await AskAsync("download", Texts.Recovery_FileName, string.Join("\r\n", lines))) announcer.Announce(Texts.Recovery_NotCopied);
    }

    private async Task PrintAsync()
    {
        if (!await AskAsync("print", sheet)) announcer.Announce(Texts.Recovery_NotCopied);
    }

    private async Task SaveAsync(bool value)
    {
        problem = null;
        if (value && !isStored)
        {
            problem = await PageAction.RunAsync(() => own.NoteSavedAsync(SetId), broken => LogNotNoted(log, broken), Texts.Recovery_NotNoted);
            isStored = problem is null;
        }
        saved = value && isStored;
        await OnSaved.InvokeAsync(saved);
    }

    private async Task<bool> AskAsync(string function, params object?[] values)
    {
        await using var module = await script.ImportAsync(Script);
        return module is not null && await module.AskAsync(false, function, values);
    }

    [LoggerMessage(LogLevel.Error, "That recovery codes are saved could not be stored")]
    private static partial void LogNotNoted(ILogger log, Exception broken);
}
