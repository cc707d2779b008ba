using System.Globalization;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users.Import;

/// <summary>Asks before an import starts, with a fresh proof (docs/spec.md 3.5).</summary>
public sealed partial class ImportPopup(UserImports imports, StepUp stepUp, TimeProvider time, ILogger<ImportPopup> log)
{
    private StepUpForm proof = null!;
    private string? problem;

    private string Sentence => Phrase.Of(Texts.UserImport_Sentence, Number(Import.New), Number(Import.Changed));

    protected override async Task OnInitializedAsync()
    {
        proof = new(stepUp, StepUpFor.ActingAsAdministrator, time);
        await proof.AskAsync();
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.CurrentCulture);

    private async Task StartAsync()
    {
        problem = null;
        problem = await PageAction.RunAsync(TryStartAsync, broken => LogFailed(log, broken), Texts.UserImport_NotDone) ?? problem;
    }

    private async Task TryStartAsync()
    {
        problem = await proof.ProveAsync();
        if (problem is not null) return;
        if (await imports.StartAsync(Import.Id) is StartOutcome.StepUpNeeded)
        {
            await proof.AskAsync();
            problem = Texts.Users_ProveAgain;
            return;
        }
        // Also if somebody started or discarded it in another tab: the page then shows what there is.
        await OnStarted.InvokeAsync();
    }

    [LoggerMessage(LogLevel.Error, "An import could not be started")]
    private static partial void LogFailed(ILogger log, Exception broken);
}
