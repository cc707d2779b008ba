namespace OpenCrm.Portal.Mail;

/// <summary>
/// Sends what waits in the outbox; the only caller of a transport (spec 7.1). Every node runs one. A page never waits for a mail server, and a mail server that is down
/// loses nothing.
/// </summary>
internal sealed partial class OutboxDispatcher(
    OutboxClaims claims, MailComposer composer, IMailTransport transport, OutboxSignal signal, OutboxWatch watch, TimeProvider time, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    /// <summary>How long a message of another node, or one that waits for its next attempt, may lie unseen.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>Shorter than <see cref="OutboxClaims.Lease"/>, or another node would begin while this one still sends.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan RetrySettling = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var (tick, queued) = (timer.WaitForNextTickAsync(stoppingToken).AsTask(), signal.WaitAsync(stoppingToken));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await DispatchAsync(stoppingToken) > 0 && !stoppingToken.IsCancellationRequested) { }
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away; the next look finds it again.
                LogLookFailed(failed.GetType().Name);
            }
            await Task.WhenAny(tick, queued);
            if (tick.IsCompletedSuccessfully) tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            if (queued.IsCompletedSuccessfully) queued = signal.WaitAsync(stoppingToken);
        }
    }

    /// <summary>Claims and settles one batch.</summary>
    /// <returns>How many messages it held.</returns>
    internal async Task<int> DispatchAsync(CancellationToken stopping)
    {
        var batch = await claims.ClaimAsync(stopping);
        if (batch.Count == 0) return 0;
        try
        {
            await SendAsync(batch, stopping);
        }
        finally
        {
            watch.Look();
            await transport.EndBatchAsync(CancellationToken.None);
        }
        return batch.Count;
    }

    private async Task SendAsync(IReadOnlyList<OutboxEntry> batch, CancellationToken stopping)
    {
        string? unreachable = null;
        for (var i = 0; i < batch.Count; i++)
        {
            if (stopping.IsCancellationRequested)
            {
                await claims.ReleaseAsync(batch.Skip(i), CancellationToken.None);
                return;
            }
            // A closed way out is found out once for a batch, not waited for by each message.
            if (unreachable is null) unreachable = await AttemptAsync(batch[i], stopping);
            else await FailedAsync(batch[i], unreachable, stopping);
        }
    }

    /// <returns>Why no message would get out now; null if the next one may be tried.</returns>
    private async Task<string?> AttemptAsync(OutboxEntry entry, CancellationToken stopping)
    {
        OutgoingMail? mail = null;
        TemplateFailure? templateFailed;
        // Not ended by a stop of the portal: a message cut off in the middle may have been taken, and would go out twice.
        using var timeout = new CancellationTokenSource(AttemptTimeout, time);
        try
        {
            (mail, templateFailed) = await composer.ComposeAsync(entry, timeout.Token);
            if (!await claims.RenewAsync(entry, mail.MessageId, mail.Content.Subject, timeout.Token)) return null;
            await transport.SendAsync(mail, timeout.Token);
        }
        catch (Exception failed)
        {
            // One message's failure, whatever it is, is written to its row and stops no other.
            var error = timeout.IsCancellationRequested ? "No answer within a minute." : FailureText.Of(failed, mail);
            await FailedAsync(entry, error, stopping);
            return failed is TransportUnreachableException ? error : null;
        }
        await SettleAsync(cancel => claims.SentAsync(entry, templateFailed, cancel), stopping);
        LogSent(entry.TemplateKey, entry.Id);
        if (templateFailed is not null) LogDefaultUsed(entry.TemplateKey, entry.Id);
        return null;
    }

    private Task FailedAsync(OutboxEntry entry, string error, CancellationToken stopping) => SettleAsync(async cancel =>
    {
        if (await claims.FailedAsync(entry, error, cancel) == OutboxState.Dead) LogGivenUp(entry.TemplateKey, entry.Id, entry.Attempts + 1);
        else LogFailed(entry.TemplateKey, entry.Id, entry.Attempts + 1);
    }, stopping);

    /// <summary>A message that went out must be marked so, or it goes out again: the database may come back before the lease ends.</summary>
    private async Task SettleAsync(Func<CancellationToken, Task> write, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await write(CancellationToken.None);
                return;
            }
            catch (Exception failed) when (!stopping.IsCancellationRequested)
            {
                // Whatever keeps the database from writing.
                LogSettlingFailed(failed.GetType().Name);
            }
            await Task.Delay(RetrySettling, time, stopping);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Mail {Template} {Id} was sent.")]
    private partial void LogSent(string template, Guid id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {Template} {Id}: attempt {Attempt} failed; its row in the outbox says why.")]
    private partial void LogFailed(string template, Guid id, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail {Template} {Id} was given up after {Attempts} attempts; its row in the outbox says why.")]
    private partial void LogGivenUp(string template, Guid id, int attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail {Template} {Id} was sent with the default template: the edited one failed.")]
    private partial void LogDefaultUsed(string template, Guid id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox could not be read: {Kind}.")]
    private partial void LogLookFailed(string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "The outcome of a mail could not be written yet: {Kind}.")]
    private partial void LogSettlingFailed(string kind);
}
