using System.Threading.Channels;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>Whether this node hears what other processes on its database announce.</summary>
public enum NoticeState
{
    /// <summary>SQLite: one node, and nothing to hear.</summary>
    Alone,

    /// <summary>Not known yet.</summary>
    Opening,

    /// <summary>A notice to itself came back.</summary>
    Hearing,

    /// <summary>The line stands, and a notice to itself did not come back: a pooler that lends connections by the transaction is in between.</summary>
    Deaf,

    /// <summary>The line cannot be opened.</summary>
    Broken,
}

/// <summary>
/// Brings what <see cref="UnitOfWork.NotifyAsync"/> sent on any node to this one, at the commit that sent it (PostgreSQL's LISTEN/NOTIFY). On SQLite there is one node
/// and nothing to hear. That LISTEN was acknowledged proves nothing, so the node sends a notice to itself, as others send theirs; until one came back, and while none does,
/// whoever wants to know looks at the rows every second, which decide anyway.
/// </summary>
public sealed class NodeNotices(IConfiguration configuration, UnitsOfWork units, WorkerRounds rounds, TimeProvider time, ILogger<NodeNotices> log) : BackgroundService
{
    /// <summary>The one channel; payloads say what they are about.</summary>
    internal const string Channel = "portal";

    /// <summary>A notice of a node to itself; others let it pass.</summary>
    private const string Proof = "line-proof";

    private const string Worker = "notices";

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>A line on which nothing is told is alive all the same: longer than the keep-alive, which finds out whether it is.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>A healthy line brings it in milliseconds.</summary>
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(2);

    /// <summary>Each try leaves a listener in the pooler; the setting is not changed every second.</summary>
    private static readonly TimeSpan DeafRetryAfter = TimeSpan.FromSeconds(15);

    /// <summary>Raised with the payload, on a worker thread.</summary>
    public event Action<string>? Received;

    /// <summary>Raised when the line was broken and stands again: notices may have been missed.</summary>
    public event Action? Missed;

    /// <summary>As of the last proof.</summary>
    public NoticeState State { get; private set; }

    /// <summary>False: whoever listens looks for itself.</summary>
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
                // Told once, however long it lasts.
                if (State is not NoticeState.Broken) log.LineBroken(Outage.Reason(broken));
                State = NoticeState.Broken;
            }
            await Task.Delay(State is NoticeState.Deaf ? DeafRetryAfter : RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns when the portal stops or nothing is heard; throws when the line breaks.</summary>
    private async Task ListenAsync(string connectionString, bool announceGap, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        // Handed on: a handler that takes its time, or fails, must not hold up the line.
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

    /// <summary>On the way that all notices take: a connection of the pool, and its commit.</summary>
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
            // The portal stops, or nothing is heard here.
        }
    }

    /// <summary>A pooler may have lent the listening connection to somebody else already; then it is not ours to mend.</summary>
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
                // The line must go on hearing whatever one listener makes of a notice.
                log.NoticeFailed(failed);
            }
        }
    }
}

internal static partial class NodeNoticesLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Other nodes are not heard: the line to the database (ConnectionStrings:PortalDirect, else ConnectionStrings:Portal) is broken: {Reason}. It is opened again every second; meanwhile the database is asked every second")]
    internal static partial void LineBroken(this ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Other nodes are not heard, as behind a pooler that lends connections by the transaction. Set ConnectionStrings:PortalDirect to a connection string that reaches PostgreSQL past the pooler. Until then the database is asked every second what became of open pages")]
    internal static partial void LineDeaf(this ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Other nodes are heard again")]
    internal static partial void LineStands(this ILogger log);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A line on which nothing is heard could not be left")]
    internal static partial void NotLeft(this ILogger log, Exception failed);

    [LoggerMessage(Level = LogLevel.Error, Message = "A notice of another node could not be acted upon")]
    internal static partial void NoticeFailed(this ILogger log, Exception failed);
}
