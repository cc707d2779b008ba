using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Writes many new rows as the model maps them: by COPY on PostgreSQL, by one prepared statement on SQLite. Nothing is tracked; generated numbers and
/// computed columns are left to the database.
/// </summary>
internal static class BulkRows
{
    public static async Task WriteAsync<T>(PortalDbContext context, IReadOnlyCollection<T> rows, CancellationToken cancel) where T : class
    {
        var entity = context.Model.FindEntityType(typeof(T))!;
        var columns = Columns(entity).ToList();
        var into = $"\"{entity.GetTableName()}\" ({string.Join(", ", columns.Select(column => $"\"{column.Name}\""))})";
        var connection = context.Database.GetDbConnection();
        if (connection is NpgsqlConnection postgres) await CopyAsync(postgres, into, columns, rows, cancel);
        else await InsertAsync(connection, context.Database.CurrentTransaction!.GetDbTransaction(), into, columns, rows, cancel);
    }

    private static async Task CopyAsync<T>(
        NpgsqlConnection connection, string into, List<Column> columns, IEnumerable<T> rows, CancellationToken cancel)
        where T : class
    {
        await using var writer = await connection.BeginBinaryImportAsync($"COPY {into} FROM STDIN (FORMAT BINARY)", cancel);
        foreach (var row in rows)
        {
            await writer.StartRowAsync(cancel);
            foreach (var column in columns)
            {
                if (column.Read(row) is { } value) await writer.WriteAsync(value, column.StoreType, cancel);
                else await writer.WriteNullAsync(cancel);
            }
        }
        await writer.CompleteAsync(cancel);
    }

    private static async Task InsertAsync<T>(
        DbConnection connection, DbTransaction transaction, string into, List<Column> columns, IEnumerable<T> rows, CancellationToken cancel)
        where T : class
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"INSERT INTO {into} VALUES ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))})";
        for (var i = 0; i < columns.Count; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@p{i}";
            command.Parameters.Add(parameter);
        }
        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Count; i++) command.Parameters[i].Value = columns[i].Read(row) ?? DBNull.Value;
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    private static IEnumerable<Column> Columns(IEntityType entity)
    {
        foreach (var property in entity.GetProperties().Where(property => !IsTheDatabases(property)))
            yield return Of(property, row => row);
        // Owned objects are stored in columns of the same row.
        foreach (var owned in entity.GetNavigations().Where(navigation => navigation.TargetEntityType.IsOwned()))
            foreach (var property in owned.TargetEntityType.GetProperties().Where(property => !property.IsPrimaryKey()))
                yield return Of(property, owned.PropertyInfo!.GetValue);
    }

    private static Column Of(IProperty property, Func<object, object?> owner)
    {
        var mapping = property.GetRelationalTypeMapping();
        var table = StoreObjectIdentifier.Table(property.DeclaringType.GetTableName()!, property.DeclaringType.GetSchema());
        var (read, convert) = (property.PropertyInfo!, mapping.Converter?.ConvertToProvider);
        return new(property.GetColumnName(table)!, mapping.StoreTypeNameBase, row =>
        {
            var value = owner(row) is { } from ? read.GetValue(from) : null;
            return value is null || convert is null ? value : convert(value);
        });
    }

    private static bool IsTheDatabases(IProperty property) =>
        property.GetComputedColumnSql() is not null || (property.ValueGenerated == ValueGenerated.OnAdd && property.ClrType != typeof(Guid));

    private sealed record Column(string Name, string StoreType, Func<object, object?> Read);
}
