using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>The portal's database, for what is prepared or looked up between its runs.</summary>
internal sealed class PortalDatabase : IAsyncDisposable
{
    private readonly DbConnection _connection;

    private PortalDatabase(DbConnection connection, bool postgres) =>
        (_connection, True, False) = (connection, postgres ? "true" : "1", postgres ? "false" : "0");

    public string True { get; }

    public string False { get; }

    public static async Task<PortalDatabase> OpenAsync(string? postgres, string dataFolder)
    {
        DbConnection connection = postgres is null
            ? new SqliteConnection($"Data Source={Path.Combine(dataFolder, "portal.db")};Pooling=False")
            : new NpgsqlConnection(postgres);
        await connection.OpenAsync();
        return new(connection, postgres is not null);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <returns>The first column of each row.</returns>
    public async Task<IReadOnlyList<string>> ReadAsync(string sql)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        List<string> values = [];
        while (await reader.ReadAsync()) values.Add(reader.GetString(0));
        return values;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
