using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Sessions;

/// <summary>What a page asks a service for. Whatever keeps it from being done leaves the page, and what is typed on it, as they are (spec 4.5): the database may be back in a moment.</summary>
public static class PageAction
{
    /// <param name="log">Told of what is no refusal.</param>
    /// <param name="failed">What to tell then.</param>
    /// <param name="refused">What to tell whoever may not; null: the page is left to its frame.</param>
    /// <returns>What to tell; null if it was done, whatever its outcome.</returns>
    /// <exception cref="AccessRefusedException">The caller may not, and <paramref name="refused"/> is null.</exception>
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
