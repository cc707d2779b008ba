using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Edits a user's details (docs/spec.md 5.2), with a fresh proof if role or e-mail address change. A failure keeps what was typed.</summary>
public sealed partial class EditUserPopup(UserDetails users, StepUp stepUp, Announcer announcer, TimeProvider time, ILogger<EditUserPopup> log)
{
    private UserDraft draft = null!;
    private string version = "";
    private StepUpForm proof = null!;
    private string? problem, meanwhile;

    protected override async Task OnInitializedAsync()
    {
        (draft, version) = (new(UserEdit.Of(Record)), Record.Version);
        proof = new(stepUp, StepUpFor.ActingAsAdministrator, time);
        await proof.AskAsync();
    }

    private async Task SaveAsync()
    {
        (problem, draft.Faults) = (null, []);
        problem = await PageAction.RunAsync(TrySaveAsync, broken => LogFailed(log, broken), Texts.Users_NotSaved) ?? problem;
    }

    private async Task TrySaveAsync()
    {
        if (draft.ChangesRoleOrEmail) problem = await proof.ProveAsync();
        if (problem is not null) return;
        await ShowAsync(await users.SaveAsync(Record.Id, version, draft.Typed));
    }

    private async Task ShowAsync(DetailsOutcome outcome)
    {
        switch (outcome)
        {
            case DetailsOutcome.Saved:
                announcer.Announce(Texts.Users_Saved);
                await OnSaved.InvokeAsync();
                break;
            case DetailsOutcome.Invalid invalid:
                draft.Faults = invalid.Faults;
                break;
            case DetailsOutcome.SavedMeanwhile other:
                draft.Rebase(other.Theirs);
                version = other.Version;
                meanwhile = draft.IsContested && other.By is { } by ? Phrase.Of(Texts.Users_ChangedMeanwhileBy, by) : Texts.Users_ChangedMeanwhile;
                break;
            case DetailsOutcome.LastAdministrator:
                problem = Phrase.Of(Texts.Users_LastAdministrator, Record.Name);
                break;
            case DetailsOutcome.StepUpNeeded:
                await proof.AskAsync();
                problem = Texts.Users_ProveAgain;
                break;
            case DetailsOutcome.NoSuchUser:
                problem = Texts.Users_NoSuchUser;
                break;
        }
    }

    [LoggerMessage(LogLevel.Error, "A user could not be saved")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
