using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Credentials;

/// <summary>Deletes what has had its time, so that nobody can fill the database by knocking: pending sign-ins and enrolments, tickets, decoys, counts, mailed links, old sessions.</summary>
internal sealed class Housekeeping(UnitsOfWork units, PasswordHashing hashing, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
{
    /// <summary>Spec 1.6.</summary>
    private const int MostDecoys = 100_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Spec 1.6.</summary>
    private static readonly TimeSpan DecoysKept = TimeSpan.FromDays(30);

    /// <summary>Long enough to answer "was that me?".</summary>
    private static readonly TimeSpan EndedSessionsKept = TimeSpan.FromDays(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await hashing.WarmAsync();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CleanAsync(stoppingToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                // The next minute tries again; what is expired is refused whether it is deleted or not.
                log.Failed(failed);
            }
        }
    }

    internal async Task CleanAsync(CancellationToken cancel = default)
    {
        await using var work = await units.BeginAsync(cancel);
        var now = work.Now;
        await work.Query<PendingSignIn>().Where(p => p.ExpiresAt <= now).ExecuteDeleteAsync(cancel);
        await work.Query<PendingEnrolment>().Where(p => p.ExpiresAt <= now && p.ProtectedKey != null)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.ProtectedKey, (byte[]?)null), cancel);
        // Without its key as long as its session may live: whoever comes back to the wizard reads that the key expired, instead of finding another one without a word.
        var runs = now - PortalSession.AbsoluteLifetime;
        await work.Query<PendingEnrolment>().Where(p => p.ExpiresAt <= runs).ExecuteDeleteAsync(cancel);
        // A redeemed ticket is asked for once more by its circuit.
        var tickets = now - TimeSpan.FromMinutes(5);
        await work.Query<SignInTicket>().Where(t => t.ExpiresAt <= tickets).ExecuteDeleteAsync(cancel);
        var counts = now - TimeSpan.FromHours(1);
        await work.Query<AddressCount>().Where(c => c.WindowStart <= counts).ExecuteDeleteAsync(cancel);
        await work.Query<MailedLinkRequest>().Where(r => r.AnsweredAt <= counts).ExecuteDeleteAsync(cancel);
        await work.Query<MailedLink>().Where(l => l.ExpiresAt <= now).ExecuteDeleteAsync(cancel);
        var decoys = now - DecoysKept;
        await work.Query<DecoyAccount>().Where(d => d.LastAttemptAt <= decoys).ExecuteDeleteAsync(cancel);
        var sessions = now - EndedSessionsKept;
        await work.Query<PortalSession>().Where(s => s.ExpiresAt <= sessions).ExecuteDeleteAsync(cancel);
        await work.DeleteOldMailAsync(cancel);
        if (await work.Query<DecoyAccount>().OrderByDescending(d => d.LastAttemptAt).Skip(MostDecoys).Select(d => d.LastAttemptAt).FirstOrDefaultAsync(cancel) is { } oldest)
            await work.Query<DecoyAccount>().Where(d => d.LastAttemptAt <= oldest).ExecuteDeleteAsync(cancel);
        await work.CommitAsync(cancel);
    }
}

internal static partial class HousekeepingLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Expired rows could not be deleted; the next try is in a minute")]
    internal static partial void Failed(this ILogger log, Exception failed);
}
