using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>One statement as the portal sent it.</summary>
/// <param name="Time">From sending it until its last row is read.</param>
internal sealed record Statement(string Sql, IReadOnlyList<DbParameter> Parameters, TimeSpan Time);

/// <summary>Listens to what the portal's own services send to the database, without touching them.</summary>
internal sealed class SqlWatch : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly List<IDisposable> _subscriptions = [];
    private readonly ConcurrentQueue<Statement> _statements = new();
    private readonly ConcurrentDictionary<Guid, TimeSpan> _open = new();

    public SqlWatch() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    /// <summary>What was sent since the last call.</summary>
    public IReadOnlyList<Statement> Take()
    {
        List<Statement> taken = [];
        while (_statements.TryDequeue(out var statement)) taken.Add(statement);
        return taken;
    }

    public void OnNext(DiagnosticListener listener)
    {
        if (listener.Name == "Microsoft.EntityFrameworkCore") _subscriptions.Add(listener.Subscribe(this));
    }

    public void OnNext(KeyValuePair<string, object?> happened)
    {
        switch (happened.Value)
        {
            case CommandExecutedEventData { ExecuteMethod: DbCommandMethod.ExecuteNonQuery } done:
                _statements.Enqueue(new(done.Command.CommandText, [], done.Duration));
                break;
            case CommandExecutedEventData executed:
                _open[executed.CommandId] = executed.Duration;
                break;
            // Statements that run at the same time are told apart by their ids.
            case DataReaderDisposingEventData read when _open.TryRemove(read.CommandId, out var sent):
                _statements.Enqueue(new(
                    read.Command.CommandText,
                    [.. read.Command.Parameters.Cast<DbParameter>().Select(Copy)],
                    sent + read.Duration));
                break;
        }
    }

    public void OnCompleted()
    {
        // There is nothing to release.
    }

    public void OnError(Exception error) => throw error;

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());

    private static DbParameter Copy(DbParameter parameter) => parameter switch
    {
        Npgsql.NpgsqlParameter postgres => postgres.Clone(),
        _ => new Microsoft.Data.Sqlite.SqliteParameter(parameter.ParameterName, parameter.Value),
    };
}
