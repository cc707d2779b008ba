using System.Threading.Channels;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Brings what <see cref="UnitOfWork.NotifyAsync"/> sent on any node to this one, at the commit that sent it (PostgreSQL's LISTEN/NOTIFY). On SQLite there is one node
/// and nothing to hear.
/// </summary>
public sealed class NodeNotices(IConfiguration configuration, WorkerRounds rounds, TimeProvider time, ILogger<NodeNotices> log) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>A line on which nothing is told is alive all the same: longer than the keep-alive, which finds out whether it is.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private const string Worker = "notices";

    /// <summary>Raised with the payload, on a worker thread.</summary>
    public event Action<string>? Received;

    /// <summary>Raised when the line was broken and stands again: notices may have been missed.</summary>
    public event Action? Missed;

    /// <summary>The one channel; payloads say what they are about.</summary>
    internal const string Channel = "portal";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (PortalDatabase.PostgresConnection(configuration) is not { } connectionString) return;
        rounds.Starts(Worker, within: TimeSpan.FromMinutes(2));
        for (var first = true; !stoppingToken.IsCancellationRequested; first = false)
        {
            try
            {
                await ListenAsync(connectionString, announceGap: !first, stoppingToken);
            }
            catch (Exception broken) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is: a listener that ended would let this node miss every lock and every sign-out from then on.
                rounds.Failed(Worker, broken);
            }
            await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(string connectionString, bool announceGap, CancellationToken cancel)
    {
        // Not pooled, and alive: a dead line must be noticed though nothing is ever sent on it.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = 10 }.ConnectionString);
        // Handed on: a handler that takes its time, or fails, must not hold up the line.
        var payloads = System.Threading.Channels.Channel.CreateUnbounded<string>();
        connection.Notification += (_, notice) => payloads.Writer.TryWrite(notice.Payload);
        await connection.OpenAsync(cancel);
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection)) await listen.ExecuteNonQueryAsync(cancel);
        if (announceGap) Missed?.Invoke();
        rounds.CameRound(Worker);
        var handing = HandAsync(payloads.Reader, cancel);
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
            // The portal stops.
        }
        finally
        {
            payloads.Writer.Complete();
            await handing;
        }
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
    [LoggerMessage(Level = LogLevel.Error, Message = "A notice of another node could not be acted upon")]
    internal static partial void NoticeFailed(this ILogger log, Exception failed);
}
