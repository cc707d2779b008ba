using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Sends the messages that wait in the outbox (docs/spec.md 7.1). Nothing else calls a transport, and every node runs one dispatcher. So no page
/// waits for a mail server, and no mail is lost while the mail server is down.
/// </summary>
internal sealed partial class OutboxDispatcher(
    OutboxClaims claims,
    MailComposer composer,
    Func<IMailTransport> newTransport,
    OutboxSignal signal,
    OutboxWatch watch,
    WorkerRounds rounds,
    TimeProvider time,
    ILogger<OutboxDispatcher> logger) : BackgroundService
{
    /// <summary>Connections to the mail server at the same time. A message that hangs holds up one of them; the others go on.</summary>
    private const int Lanes = 4;

    /// <summary>How long a message queued by another node, or one whose next attempt is due, may go unnoticed.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Shorter than <see cref="OutboxClaims.Lease"/>. Otherwise another node would start to send a message while this one still sends it.
    /// </summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long a mail server that does not answer QUIT may hold its lane.</summary>
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetrySettling = TimeSpan.FromSeconds(1);

    private const string Worker = "outbox dispatcher";

    private readonly Lock _gate = new();
    private readonly Lane[] _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new Lane(newTransport()))];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        rounds.Starts(Worker, within: 2 * AttemptTimeout);
        using var timer = signal.RaiseEvery(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            SendOn(stoppingToken);
            await signal.NextAsync(stoppingToken);
        }
        await Task.WhenAll(_lanes.Select(lane => lane.Running));
    }

    /// <summary>Starts one more lane, if one is free, to send what is due.</summary>
    private void SendOn(CancellationToken stopping)
    {
        lock (_gate)
        {
            if (Array.Find(_lanes, lane => lane.Running.IsCompleted) is { } free)
                free.Running = Task.Run(() => LookAsync(free, stopping), CancellationToken.None);
        }
    }

    private async Task LookAsync(Lane lane, CancellationToken stopping)
    {
        try
        {
            await DispatchAsync(lane, stopping);
            rounds.CameRound(Worker);
        }
        catch (Exception failed)
        {
            // The database may be away; the next round tries again.
            if (!stopping.IsCancellationRequested) rounds.Failed(Worker, failed);
        }
    }

    /// <summary>Claims and sends what is due, in one lane, until nothing more is due.</summary>
    /// <returns>How many messages it claimed.</returns>
    internal Task<int> DispatchAsync(CancellationToken stopping) => DispatchAsync(_lanes[0], stopping);

    private async Task<int> DispatchAsync(Lane lane, CancellationToken stopping)
    {
        var held = 0;
        try
        {
            while (!stopping.IsCancellationRequested && await claims.ClaimAsync(stopping) is { Count: > 0 } batch)
            {
                held += batch.Count;
                // After a full batch more messages may be waiting, so another lane starts.
                if (batch.Count == OutboxClaims.Batch) SendOn(stopping);
                await SendAsync(lane.Transport, batch, stopping);
                watch.Look();
            }
        }
        finally
        {
            if (held > 0)
            {
                using var farewell = new CancellationTokenSource(FarewellTimeout);
                await lane.Transport.EndBatchAsync(farewell.Token);
            }
        }
        return held;
    }

    private async Task SendAsync(IMailTransport transport, IReadOnlyList<OutboxEntry> batch, CancellationToken stopping)
    {
        string? unreachable = null;
        var anySent = false;
        var common = composer.NewBatch();
        (OutboxEntry Entry, SendResult.Doubted Result)? doubted = null;
        for (var i = 0; i < batch.Count; i++)
        {
            if (stopping.IsCancellationRequested)
            {
                if (doubted is { } open) await MarkFailedAsync(open.Entry, new SendResult.Over(), open.Result.Why, stopping);
                await claims.ReleaseAsync(batch.Skip(i), CancellationToken.None);
                return;
            }
            // If no message can be sent, the rest of the batch fails at once instead of waiting for the mail server one by one.
            if (unreachable is not null)
            {
                await MarkFailedAsync(batch[i], new SendResult.Unreachable(unreachable), unreachable, stopping);
                continue;
            }
            var result = await TrySendAsync(transport, batch[i], common, stopping);
            anySent |= result is SendResult.Sent;
            if (doubted is { } before)
            {
                doubted = null;
                await MarkFailedAsync(before.Entry, before.Result, next: result, stopping);
                if (result is SendResult.Doubted likewise) result = await MarkFailedAsync(batch[i], likewise, next: likewise, stopping);
            }
            else if (result is SendResult.Doubted doubt)
            {
                // Is it this message or the settings? If others went out, or it was refused before, it is this message. Otherwise the next message
                // decides. Without a next one the settings are blamed: then it is retried for a day, and nothing is lost.
                if (anySent || batch[i].Refusals > 0) result = await MarkFailedAsync(batch[i], doubt, next: new SendResult.Sent(), stopping);
                else if (i == batch.Count - 1) result = await MarkFailedAsync(batch[i], doubt, next: doubt, stopping);
                else doubted = (batch[i], doubt);
            }
            switch (result)
            {
                case SendResult.Unreachable closed:
                    unreachable = closed.Why;
                    break;
                case SendResult.NoAnswer:
                    // This took a minute. The rest of the batch is released for another lane or node.
                    await claims.ReleaseAsync(batch.Skip(i + 1), CancellationToken.None);
                    return;
            }
        }
    }

    private async Task<SendResult> TrySendAsync(IMailTransport transport, OutboxEntry entry, MailBatch common, CancellationToken stopping)
    {
        OutgoingMail? mail = null;
        TemplateFailure? templateFailed;
        // Not cancelled when the portal stops: a message that is cut off midway may have been accepted, and would be sent twice.
        using var timeout = new CancellationTokenSource(AttemptTimeout, time);
        try
        {
            (mail, templateFailed) = await composer.ComposeAsync(entry, common, timeout.Token);
            if (!await claims.RenewAsync(entry, mail.MessageId, mail.Content.Subject, timeout.Token)) return new SendResult.Over();
            await transport.SendAsync(mail, timeout.Token);
        }
        catch (Exception failed)
        {
            // Whatever failed is written to the message's row and does not stop the others.
            var error = timeout.IsCancellationRequested ? "No answer within a minute." : FailureWording.Of(failed, mail);
            var result = timeout.IsCancellationRequested ? new SendResult.NoAnswer() : ResultOf(failed, mail);
            if (result is not SendResult.Doubted) await MarkFailedAsync(entry, result, error, stopping);
            return result;
        }
        watch.Found(null);
        await SettleAsync(
            cancel => claims.MarkSentAsync(entry, templateFailed, cancel),
            // If that cannot be written, the template's failure is left out: a message that is not marked as sent would be sent again and again.
            cancel => claims.MarkSentAsync(entry, templateFailed: null, cancel), stopping);
        LogSent(entry.TemplateKey, entry.Id);
        if (templateFailed is not null) LogDefaultUsed(entry.TemplateKey, entry.Id);
        return new SendResult.Sent();
    }

    private static SendResult ResultOf(Exception failed, OutgoingMail? mail) => failed switch
    {
        TransportUnreachableException => new SendResult.Unreachable(FailureWording.Of(failed, mail)),
        TransportDoubtedException doubted => new SendResult.Doubted(
            FailureWording.Of(failed, mail), ResultOf(doubted.Alone, mail), FailureWording.Of(doubted.Alone, mail)),
        // An invalid address does not become valid by waiting.
        MailRefusedException or FormatException => new SendResult.Refused(),
        _ => new SendResult.Over(),
    };

    /// <summary>Writes the outcome of a doubtful failure, decided by the result of another message.</summary>
    /// <returns>The result that the doubt turned out to be.</returns>
    private async Task<SendResult> MarkFailedAsync(OutboxEntry entry, SendResult.Doubted doubted, SendResult next, CancellationToken stopping)
    {
        (SendResult Result, string Why) meant = next switch
        {
            SendResult.Doubted => (new SendResult.Unreachable(doubted.Why), doubted.Why),
            SendResult.Sent => (doubted.Alone, doubted.AloneWhy),
            _ => (new SendResult.Over(), doubted.Why),
        };
        await MarkFailedAsync(entry, meant.Result, meant.Why, stopping);
        return meant.Result;
    }

    private async Task MarkFailedAsync(OutboxEntry entry, SendResult result, string error, CancellationToken stopping)
    {
        // Logged once for all messages; a line for each of them would hide it.
        if (result is SendResult.Unreachable) watch.Found(error);
        await SettleAsync(cancel => WriteAsync(error, cancel), cancel => WriteAsync("The reason could not be written down.", cancel), stopping);

        async Task WriteAsync(string reason, CancellationToken cancel)
        {
            var state = await (result is SendResult.Refused
                ? claims.MarkRefusedAsync(entry, reason, cancel)
                : claims.MarkFailedAsync(entry, reason, cancel));
            var level = result is SendResult.Unreachable ? LogLevel.Debug : LogLevel.Warning;
            if (state == OutboxState.Dead) LogGivenUp(entry.TemplateKey, entry.Id, entry.Attempts + 1, error);
            else LogFailed(level, entry.TemplateKey, entry.Id, entry.Attempts + 1, error);
        }
    }

    /// <summary>
    /// Writes an outcome, and retries while that fails: a message that was sent and is not marked would be sent again. Retrying ends with the lease.
    /// After that another node may claim the row, and a lane that went on trying would send nothing else.
    /// </summary>
    /// <param name="plainly">Writes a simpler outcome, used when the database answers but refuses what <paramref name="write"/> writes.</param>
    private async Task SettleAsync(Func<CancellationToken, Task> write, Func<CancellationToken, Task> plainly, CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        string? logged = null;
        while (true)
        {
            try
            {
                await write(CancellationToken.None);
                rounds.CameRound(Worker);
                return;
            }
            catch (Exception failed) when (!stopping.IsCancellationRequested)
            {
                var kind = failed.GetType().Name;
                if (kind != logged) LogSettlingFailed(logged = kind);
                if (!Outage.IsOne(failed, timeouts: false)) write = plainly;
                if (time.GetElapsedTime(began) > OutboxClaims.Lease) throw;
            }
            await Task.Delay(RetrySettling, time, stopping);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Mail {Template} {Id} was sent.")]
    private partial void LogSent(string template, Guid id);

    [LoggerMessage(Message = "Mail {Template} {Id}: attempt {Attempt} failed. {Reason}")]
    private partial void LogFailed(LogLevel level, string template, Guid id, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Mail {Template} {Id} was given up after {Attempts} attempts; Settings, Outbox has Send again for it. {Reason}")]
    private partial void LogGivenUp(string template, Guid id, int attempts, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail {Template} {Id} was sent with the default template: the edited one failed.")]
    private partial void LogDefaultUsed(string template, Guid id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The outcome of a mail could not be written yet: {Kind}.")]
    private partial void LogSettlingFailed(string kind);

    /// <summary>A transport with a connection of its own, and the task that sends over it now.</summary>
    private sealed class Lane(IMailTransport transport)
    {
        public IMailTransport Transport { get; } = transport;

        public Task Running { get; set; } = Task.CompletedTask;
    }

    /// <summary>The result of an attempt, and what it says about the next message.</summary>
    private abstract record SendResult
    {
        private SendResult() { }

        public sealed record Sent : SendResult;

        /// <summary>Not sent; the next message may be tried.</summary>
        public sealed record Over : SendResult;

        /// <summary>Either this message is refused, or none can be sent now. The result of the next message shows which it is.</summary>
        /// <param name="Why">The reason if no message can be sent.</param>
        /// <param name="Alone">The result if only this message is refused.</param>
        public sealed record Doubted(string Why, SendResult Alone, string AloneWhy) : SendResult;

        /// <summary>This message is refused for good; the next one may be sent.</summary>
        public sealed record Refused : SendResult;

        /// <summary>No message can be sent now.</summary>
        public sealed record Unreachable(string Why) : SendResult;

        public sealed record NoAnswer : SendResult;
    }
}
