using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Sends what waits in the outbox; the only caller of a transport (spec 7.1). Every node runs one. A page never waits for a mail server, and a mail server that is down
/// loses nothing.
/// </summary>
internal sealed partial class OutboxDispatcher(
    OutboxClaims claims, MailComposer composer, Func<IMailTransport> newTransport, OutboxSignal signal, OutboxWatch watch, WorkerRounds rounds, TimeProvider time, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    /// <summary>Connections to the mail server at once: a message that hangs holds one of them, and the others' mail goes on.</summary>
    private const int Lanes = 4;

    /// <summary>How long a message of another node, or one that waits for its next attempt, may lie unseen.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>Shorter than <see cref="OutboxClaims.Lease"/>, or another node would begin while this one still sends.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(60);

    /// <summary>A mail server that does not say goodbye keeps its lane no longer than this.</summary>
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

    /// <summary>One more lane, if one is free, sends what is due.</summary>
    private void SendOn(CancellationToken stopping)
    {
        lock (_gate)
            if (Array.Find(_lanes, lane => lane.Running.IsCompleted) is { } free) free.Running = Task.Run(() => LookAsync(free, stopping), CancellationToken.None);
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
            // The database may be away; the next look finds it again.
            if (!stopping.IsCancellationRequested) rounds.Failed(Worker, failed);
        }
    }

    /// <summary>Claims and settles what is due, in one lane.</summary>
    /// <returns>How many messages it held.</returns>
    internal Task<int> DispatchAsync(CancellationToken stopping) => DispatchAsync(_lanes[0], stopping);

    private async Task<int> DispatchAsync(Lane lane, CancellationToken stopping)
    {
        var held = 0;
        try
        {
            while (!stopping.IsCancellationRequested && await claims.ClaimAsync(stopping) is { Count: > 0 } batch)
            {
                held += batch.Count;
                // As much again may wait behind a full batch.
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
        (OutboxEntry Entry, Attempt.Doubted Attempt)? doubted = null;
        for (var i = 0; i < batch.Count; i++)
        {
            if (stopping.IsCancellationRequested)
            {
                if (doubted is { } open) await MarkFailedAsync(open.Entry, new Attempt.Over(), open.Attempt.Why, stopping);
                await claims.ReleaseAsync(batch.Skip(i), CancellationToken.None);
                return;
            }
            // A closed way out is found out once for a batch, not waited for by each message.
            if (unreachable is not null)
            {
                await MarkFailedAsync(batch[i], new Attempt.Unreachable(unreachable), unreachable, stopping);
                continue;
            }
            var attempt = await AttemptAsync(transport, batch[i], stopping);
            anySent |= attempt is Attempt.Sent;
            if (doubted is { } before)
            {
                doubted = null;
                await MarkFailedAsync(before.Entry, before.Attempt, next: attempt, stopping);
                if (attempt is Attempt.Doubted likewise) attempt = await MarkFailedAsync(batch[i], likewise, next: likewise, stopping);
            }
            else if (attempt is Attempt.Doubted doubt)
            {
                // Without a next one the doubt is the settings': nothing is lost by waiting for a day, unless others went out and it is known to be this message.
                if (anySent || batch[i].Refusals > 0) attempt = await MarkFailedAsync(batch[i], doubt, next: new Attempt.Sent(), stopping);
                else if (i == batch.Count - 1) attempt = await MarkFailedAsync(batch[i], doubt, next: doubt, stopping);
                else doubted = (batch[i], doubt);
            }
            switch (attempt)
            {
                case Attempt.Unreachable closed:
                    unreachable = closed.Why;
                    break;
                case Attempt.NoAnswer:
                    // A minute is gone: the rest of the batch may be sent by whoever is free.
                    await claims.ReleaseAsync(batch.Skip(i + 1), CancellationToken.None);
                    return;
            }
        }
    }

    private async Task<Attempt> AttemptAsync(IMailTransport transport, OutboxEntry entry, CancellationToken stopping)
    {
        OutgoingMail? mail = null;
        TemplateFailure? templateFailed;
        // Not ended by a stop of the portal: a message cut off in the middle may have been taken, and would go out twice.
        using var timeout = new CancellationTokenSource(AttemptTimeout, time);
        try
        {
            (mail, templateFailed) = await composer.ComposeAsync(entry, timeout.Token);
            if (!await claims.RenewAsync(entry, mail.MessageId, mail.Content.Subject, timeout.Token)) return new Attempt.Over();
            await transport.SendAsync(mail, timeout.Token);
        }
        catch (Exception failed)
        {
            // One message's failure, whatever it is, is written to its row and stops no other.
            var error = timeout.IsCancellationRequested ? "No answer within a minute." : FailureWording.Of(failed, mail);
            var attempt = timeout.IsCancellationRequested ? new Attempt.NoAnswer() : AttemptOf(failed, mail);
            if (attempt is not Attempt.Doubted) await MarkFailedAsync(entry, attempt, error, stopping);
            return attempt;
        }
        watch.Found(null);
        await SettleAsync(
            cancel => claims.MarkSentAsync(entry, templateFailed, cancel),
            // That it went out counts more than what its template did: unmarked it would go out again and again.
            cancel => claims.MarkSentAsync(entry, templateFailed: null, cancel), stopping);
        LogSent(entry.TemplateKey, entry.Id);
        if (templateFailed is not null) LogDefaultUsed(entry.TemplateKey, entry.Id);
        return new Attempt.Sent();
    }

    private static Attempt AttemptOf(Exception failed, OutgoingMail? mail) => failed switch
    {
        TransportUnreachableException => new Attempt.Unreachable(FailureWording.Of(failed, mail)),
        TransportDoubtedException doubted => new Attempt.Doubted(FailureWording.Of(failed, mail), AttemptOf(doubted.Alone, mail), FailureWording.Of(doubted.Alone, mail)),
        // An address that is none gets no better.
        MailRefusedException or FormatException => new Attempt.Refused(),
        _ => new Attempt.Over(),
    };

    /// <summary>Settles a message that failed in doubt, by what became of another one.</summary>
    /// <returns>What its attempt says about the next one, after all.</returns>
    private async Task<Attempt> MarkFailedAsync(OutboxEntry entry, Attempt.Doubted doubted, Attempt next, CancellationToken stopping)
    {
        (Attempt Attempt, string Why) meant = next switch
        {
            Attempt.Doubted => (new Attempt.Unreachable(doubted.Why), doubted.Why),
            Attempt.Sent => (doubted.Alone, doubted.AloneWhy),
            _ => (new Attempt.Over(), doubted.Why),
        };
        await MarkFailedAsync(entry, meant.Attempt, meant.Why, stopping);
        return meant.Attempt;
    }

    private async Task MarkFailedAsync(OutboxEntry entry, Attempt attempt, string error, CancellationToken stopping)
    {
        // Told once for all messages; a line for each of them would hide it.
        if (attempt is Attempt.Unreachable) watch.Found(error);
        await SettleAsync(cancel => WriteAsync(error, cancel), cancel => WriteAsync("The reason could not be written down.", cancel), stopping);

        async Task WriteAsync(string reason, CancellationToken cancel)
        {
            var state = await (attempt is Attempt.Refused ? claims.MarkRefusedAsync(entry, reason, cancel) : claims.MarkFailedAsync(entry, reason, cancel));
            if (state == OutboxState.Dead) LogGivenUp(entry.TemplateKey, entry.Id, entry.Attempts + 1, error);
            else LogFailed(attempt is Attempt.Unreachable ? LogLevel.Debug : LogLevel.Warning, entry.TemplateKey, entry.Id, entry.Attempts + 1, error);
        }
    }

    /// <summary>
    /// A message that went out must be marked so, or it goes out again: the database may come back before the lease ends. It ends with the lease all the same: then the
    /// row is anybody's, and a lane that went on trying would be lost to all the others.
    /// </summary>
    /// <param name="plainly">Where the database is there and refuses what <paramref name="write"/> writes.</param>
    private async Task SettleAsync(Func<CancellationToken, Task> write, Func<CancellationToken, Task> plainly, CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        string? told = null;
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
                if (kind != told) LogSettlingFailed(told = kind);
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail {Template} {Id} was given up after {Attempts} attempts; Settings, Outbox has Send again for it. {Reason}")]
    private partial void LogGivenUp(string template, Guid id, int attempts, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail {Template} {Id} was sent with the default template: the edited one failed.")]
    private partial void LogDefaultUsed(string template, Guid id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The outcome of a mail could not be written yet: {Kind}.")]
    private partial void LogSettlingFailed(string kind);

    /// <summary>A connection of its own, and who sends over it at the moment.</summary>
    private sealed class Lane(IMailTransport transport)
    {
        public IMailTransport Transport { get; } = transport;

        public Task Running { get; set; } = Task.CompletedTask;
    }

    /// <summary>What an attempt says about the next one.</summary>
    private abstract record Attempt
    {
        private Attempt() { }

        public sealed record Sent : Attempt;

        /// <summary>Not sent: the next message may be tried.</summary>
        public sealed record Over : Attempt;

        /// <summary>This message will not be taken, or none would get out now: the next one tells.</summary>
        /// <param name="Why">If it is the way out.</param>
        /// <param name="Alone">What it is if only this message is meant.</param>
        public sealed record Doubted(string Why, Attempt Alone, string AloneWhy) : Attempt;

        /// <summary>This message will not be taken; the next may.</summary>
        public sealed record Refused : Attempt;

        /// <summary>No message would get out now.</summary>
        public sealed record Unreachable(string Why) : Attempt;

        public sealed record NoAnswer : Attempt;
    }
}
