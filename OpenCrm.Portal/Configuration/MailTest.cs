using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>
/// Sends the caller a test mail by the settings that are typed in the block Mail, saved or not, and tells what the server answered
/// (docs/spec.md 7.4). It opens a connection to wherever the caller says, so it asks for a fresh proof like a save, is limited, and is audited.
/// </summary>
public sealed class MailTest(UnitsOfWork units, CurrentCaller currentCaller, MailTrial trial, MailOptions options)
{
    /// <summary>More than anybody needs to get a server right, and too few to look through a network.</summary>
    internal const int MostInAnHour = 30;

    /// <param name="edit">The block as typed; ignored where the configuration names the mail server.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<SettingsOutcome> SendAsync(MailEdit edit, CancellationToken cancel = default)
    {
        MailOptions typed;
        MailRecipient to;
        Caller.Person administrator;
        await using (var work = await units.BeginAsync(cancel))
        {
            administrator = await currentCaller.RequireAdministratorAsync(work, cancel);
            typed = options;
            if (options.Smtp is null)
            {
                var list = SettingsLists.MailUnder(options);
                var block = await work.ReadSettingsAsync<MailSettings>(cancel);
                if (edit.Faults(list, block) is { Count: > 0 } faults) return new SettingsOutcome.Invalid(faults);
                edit.PutInto(list, block, work.Encryption);
                if (!block.IsConnected) return new SettingsOutcome.Invalid([nameof(MailSettings.Host)]);
                typed = options.With(block, work.Encryption);
            }
            if (!administrator.ProvedRecently(work.Now)) return new SettingsOutcome.StepUpNeeded();
            var key = $"mail-test {administrator.UserId:N}";
            if (!await work.Addresses.ReserveAsync(key, MostInAnHour, TimeSpan.FromHours(1), work.Now, cancel))
                return new SettingsOutcome.TooManyTests();
            to = MailRecipient.Of(await work.Query<PortalUser>().SingleAsync(u => u.Id == administrator.UserId, cancel));
            await work.CommitAsync(cancel);
        }
        var answer = await trial.SendAsync(typed, to, cancel);
        await using var after = await units.BeginAsync(cancel);
        after.Record(new AuditEvent.MailServerTested(typed.Smtp!.Place, answer is MailTrialOutcome.Accepted), administrator);
        await after.CommitAsync(cancel);
        return new SettingsOutcome.MailTested(answer, to.Address);
    }
}
