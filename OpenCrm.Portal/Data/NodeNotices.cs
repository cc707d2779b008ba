using System.Threading.Channels;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>Whether this node receives what other processes on its database announce.</summary>
public enum NoticeState
{
    /// <summary>SQLite: one node, and nothing to receive.</summary>
    Alone,

    /// <summary>Not known yet.</summary>
    Opening,

    /// <summary>A notice to itself came back.</summary>
    Hearing,

    /// <summary>
    /// The connection is open, but a notice to itself did not come back: a pooler that assigns connections for each transaction is in between.
    /// </summary>
    Deaf,

    /// <summary>The connection cannot be opened.</summary>
    Broken,
}

/// <summary>
/// Receives what <see cref="UnitOfWork.NotifyAsync"/> sends on any node, at the commit that sent it (PostgreSQL's LISTEN/NOTIFY). On SQLite there is
/// one node and nothing to receive. Behind a pooler, an acknowledged LISTEN proves nothing, so the node sends a notice to itself as others send
/// theirs. Until one comes back, and while none does, listeners read the rows every second instead; the rows decide anyway.
/// </summary>
public sealed class NodeNotices(
    IConfiguration configuration, UnitsOfWork units, WorkerRounds rounds, TimeProvider time, ILogger<NodeNotices> log) : BackgroundService
{
    /// <summary>The only channel; each payload says what it is about.</summary>
    internal const string Channel = "portal";

    /// <summary>Begins a notice that a node sends to itself; other nodes ignore it.</summary>
    private const string Proof = "line-proof";

    private const string Worker = "notices";

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long one wait on the connection lasts: longer than the keep-alive, which finds out whether a silent connection is alive.
    /// </summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>How long the notice to itself may take; on a healthy connection it takes milliseconds.</summary>
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The pause before another try behind a pooler: each try leaves a listener in it, and nobody corrects the setting within seconds.
    /// </summary>
    private static readonly TimeSpan DeafRetryAfter = TimeSpan.FromSeconds(15);

    /// <summary>Raised with the payload, on a worker thread.</summary>
    public event Action<string>? Received;

    /// <summary>Raised when a broken connection is restored: notices may have been missed.</summary>
    public event Action? Missed;

    /// <summary>The state as of the latest notice to itself.</summary>
    public NoticeState State { get; private set; }

    /// <summary>Whether notices arrive. While they do not, listeners read the rows themselves.</summary>
    public bool Hears => State is NoticeState.Hearing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (PortalDatabase.NoticeConnection(configuration) is not { } connectionString) return;
        State = NoticeState.Opening;
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(2));
        for (var first = true; !stoppingToken.IsCancellationRequested; first = false)
        {
            try
            {
                await ListenAsync(connectionString, announceGap: !first, stoppingToken);
            }
            catch (Exception broken) when (!stoppingToken.IsCancellationRequested)
            {
                // Logged once, however long it lasts.
                if (State is not NoticeState.Broken) log.LineBroken(Outage.Reason(broken));
                State = NoticeState.Broken;
            }
            await Task.Delay(State is NoticeState.Deaf ? DeafRetryAfter : RetryAfter, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Listens until the portal stops or no notice to itself comes back; throws when the connection breaks.</summary>
    private async Task ListenAsync(string connectionString, bool announceGap, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        // Handed to a queue: a handler that is slow or fails must not hold up the connection.
        var payloads = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var proof = $"{Proof} {Guid.NewGuid():N}";
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Notification += (_, notice) =>
        {
            if (notice.Payload == proof) heard.TrySetResult();
            else if (!notice.Payload.StartsWith(Proof, StringComparison.Ordinal)) payloads.Writer.TryWrite(notice.Payload);
        };
        await connection.OpenAsync(cancel);
        await ExecuteAsync(connection, $"LISTEN {Channel}", cancel);
        var handing = HandAsync(payloads.Reader, cancel);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var waiting = WaitAsync(connection, end.Token);
        try
        {
            await SendAsync(proof, cancel);
            await Task.WhenAny(heard.Task, waiting, Task.Delay(HeardWithin, time, cancel));
            if (cancel.IsCancellationRequested) return;
            if (!heard.Task.IsCompleted && !waiting.IsCompleted)
            {
                await end.CancelAsync();
                await waiting;
                await LeaveAsync(connection);
                if (State is not NoticeState.Deaf) log.LineDeaf();
                State = NoticeState.Deaf;
                rounds.CameRound(Worker);
                return;
            }
            if (heard.Task.IsCompleted)
            {
                if (State is NoticeState.Deaf or NoticeState.Broken) log.LineStands();
                State = NoticeState.Hearing;
                if (announceGap) Missed?.Invoke();
            }
            await waiting;
        }
        finally
        {
            await end.CancelAsync();
            await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            payloads.Writer.Complete();
            await handing;
        }
    }

    /// <summary>Sends the notice in the way of all others: by a connection of the pool, and its commit.</summary>
    private async Task SendAsync(string proof, CancellationToken cancel)
    {
        await using var work = await units.BeginAsync(cancel);
        await work.NotifyAsync(proof, cancel);
        await work.CommitAsync(cancel);
    }

    private async Task WaitAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                await connection.WaitAsync(Silence, cancel);
                rounds.CameRound(Worker);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The portal stops, or no notices arrive here.
        }
    }

    /// <summary>Ends the listening. A pooler may have given the connection to another client already; then nothing can be done here.</summary>
    private async Task LeaveAsync(NpgsqlConnection connection)
    {
        try
        {
            await ExecuteAsync(connection, "UNLISTEN *", CancellationToken.None);
        }
        catch (NpgsqlException failed)
        {
            log.NotLeft(failed);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancel)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task HandAsync(ChannelReader<string> payloads, CancellationToken cancel)
    {
        await foreach (var payload in payloads.ReadAllAsync(CancellationToken.None))
        {
            if (cancel.IsCancellationRequested) return;
            try
            {
                Received?.Invoke(payload);
            }
            catch (Exception failed)
            {
                // A listener that fails must not keep further notices from arriving.
                log.NoticeFailed(failed);
            }
        }
    }
}

internal static partial class NodeNoticesLog
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Other nodes are not heard: "
            + "the line to the database (ConnectionStrings:PortalDirect, else ConnectionStrings:Portal) is broken: {Reason}. "
            + "It is opened again every second; meanwhile the database is asked every second")]
    internal static partial void LineBroken(this ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Other nodes are not heard, as behind a pooler that lends connections by the transaction. "
            + "Set ConnectionStrings:PortalDirect to a connection string that reaches PostgreSQL past the pooler. "
            + "Until then the database is asked every second what became of open pages")]
    internal static partial void LineDeaf(this ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Other nodes are heard again")]
    internal static partial void LineStands(this ILogger log);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A line on which nothing is heard could not be left")]
    internal static partial void NotLeft(this ILogger log, Exception failed);

    [LoggerMessage(Level = LogLevel.Error, Message = "A notice of another node could not be acted upon")]
    internal static partial void NoticeFailed(this ILogger log, Exception failed);
}
