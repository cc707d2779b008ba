using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Credentials;

/// <summary>
/// Shows fresh recovery codes to whoever was set up by somebody else, enrolled before there were any, or never ticked that theirs are saved. Asked
/// once for a page; whoever closes it is asked again at the next sign-in.
/// </summary>
public sealed partial class RecoveryCodesPrompt(OwnRecoveryCodes own, ILogger<RecoveryCodesPrompt> log)
{
    private RecoveryCodesOutcome.Made? made;
    private bool saved;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        try
        {
            made = await own.MakeDueAsync() as RecoveryCodesOutcome.Made;
        }
        catch (AccessRefusedException)
        {
            // The session has just ended or is idle; the page is about to say so.
        }
        catch (Exception broken)
        {
            // The page that was asked for is not lost for this: the next sign-in shows them.
            LogNotMade(log, broken);
        }
        if (made is not null) StateHasChanged();
    }

    private void Close() => made = null;

    [LoggerMessage(LogLevel.Error, "Recovery codes that were due could not be made; the next sign-in shows them")]
    private static partial void LogNotMade(ILogger log, Exception broken);
}
