using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>Changes the language in which a person reads the portal: their own, and nobody else's (docs/spec.md 10.2).</summary>
public sealed class OwnLanguage(UnitsOfWork units, CurrentCaller currentCaller, SessionEnding sessions)
{
    /// <param name="language">The name of one of the portal's languages; null = as in the browser.</param>
    /// <returns>False: it was so already, or the portal does not speak this language.</returns>
    public async Task<bool> ChooseAsync(string? language, CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var caller = await currentCaller.RequirePersonAsync(work, cancel);
        var before = (await work.Users.HoldAsync(caller.UserId, cancel))!.Language;
        if (before == language || (language is not null && Languages.Find(language) is null)) return false;
        await work.Query<PortalUser>().Where(u => u.Id == caller.UserId).ExecuteUpdateAsync(u => u.SetProperty(p => p.Language, language), cancel);
        work.Record(new AuditEvent.LanguageChosen(caller.UserId, language), caller);
        // The person's other pages follow with their next change of page.
        await sessions.EvaluateAgainAsync(work, caller.UserId, cancel);
        await work.CommitAsync(cancel);
        return true;
    }
}
