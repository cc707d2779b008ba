using Microsoft.AspNetCore.Components;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>The page New User (docs/spec.md 5.4). A failure keeps what was typed.</summary>
public sealed partial class NewUserPage(UserDetails users, StepUp stepUp, Announcer announcer, NavigationManager navigation, ILogger<NewUserPage> log)
{
    private readonly UserDraft draft = new(new("", "", "", false));
    private StepUpNeed? need;
    private string? problem;

    private async Task CreateAsync()
    {
        (problem, draft.Faults) = (null, []);
        problem = await PageAction.RunAsync(
            async () => await ShowAsync(await users.CreateAsync(draft.Typed)), broken => LogFailed(log, broken), Texts.Users_NotSaved);
    }

    private async Task ShowAsync(DetailsOutcome outcome)
    {
        switch (outcome)
        {
            case DetailsOutcome.Saved saved:
                announcer.Announce(Phrase.Of(Texts.Users_Invited, draft.Email.Typed.Trim()));
                navigation.NavigateTo(PortalUrls.OfUser(saved.Id));
                break;
            case DetailsOutcome.Invalid invalid:
                draft.Faults = invalid.Faults;
                break;
            case DetailsOutcome.StepUpNeeded:
                need = await stepUp.EvaluateNeedAsync(StepUpFor.ActingAsAdministrator);
                break;
        }
    }

    private async Task OnProvedAsync()
    {
        need = null;
        await CreateAsync();
    }

    [LoggerMessage(LogLevel.Error, "A user could not be created")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
