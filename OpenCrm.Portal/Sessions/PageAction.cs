using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Runs what a page asks a service for. If it fails, the page and what is typed on it stay as they are, because the database may be back in a moment.
/// </summary>
public static class PageAction
{
    /// <param name="log">Logs a failure that is not a refusal.</param>
    /// <param name="failed">The text to show after such a failure.</param>
    /// <param name="refused">The text to show if the caller lacks the right; null: the exception goes on to the frame around the page.</param>
    /// <returns>The text to show; null if the action ran, whatever its outcome.</returns>
    /// <exception cref="AccessRefusedException">The caller lacks the right, and <paramref name="refused"/> is null.</exception>
    public static async Task<string?> RunAsync(Func<Task> act, Action<Exception> log, string failed, string? refused = null)
    {
        try
        {
            await act();
            return null;
        }
        catch (SessionIdleException)
        {
            // A dialog over the page asks to sign in again.
            return Texts.SignInAgain_NotDone;
        }
        catch (RecoveryHoldException)
        {
            // The note at the top of the page says what is on hold, and until when.
            return Texts.Hold_Refused;
        }
        catch (AccessRefusedException) when (refused is not null)
        {
            return refused;
        }
        catch (Exception broken) when (broken is not AccessRefusedException)
        {
            log(broken);
            return failed;
        }
    }
}
