using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace OpenCrm.Portal.Data;

/// <summary>SQLite or PostgreSQL, as configured (spec 8.2).</summary>
internal sealed class PortalDatabase
{
    private readonly bool _postgres;
    private readonly string _connection;
    private readonly DataFolder _folder;

    public PortalDatabase(IConfiguration configuration, DataFolder folder)
    {
        _folder = folder;
        var provider = configuration["Database:Provider"] ?? "Sqlite";
        _postgres = provider.Equals("Postgres", StringComparison.OrdinalIgnoreCase);
        if (!_postgres && !provider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase))
            throw new StartRefusedException($"Database:Provider is '{provider}'; it must be Sqlite or Postgres.");
        var configured = configuration.GetConnectionString("Portal");
        if (_postgres && string.IsNullOrWhiteSpace(configured))
            throw new StartRefusedException("Database:Provider is Postgres, but ConnectionStrings:Portal is not set.");
        _connection = string.IsNullOrWhiteSpace(configured) ? $"Data Source={folder.File(null, "portal.db")}" : configured;
    }

    /// <summary>Null on SQLite.</summary>
    public static string? PostgresConnection(IConfiguration configuration) =>
        string.Equals(configuration["Database:Provider"], "Postgres", StringComparison.OrdinalIgnoreCase) ? configuration.GetConnectionString("Portal") : null;

    public void Register(IServiceCollection services)
    {
        if (_postgres) services.AddDbContextPool<PortalDbContext, PostgresPortalDbContext>(Options);
        else services.AddDbContextPool<PortalDbContext, SqlitePortalDbContext>(Options);
    }

    public PortalDbContext CreateContext()
    {
        if (_postgres)
        {
            var postgres = new DbContextOptionsBuilder<PostgresPortalDbContext>();
            Options(postgres.UseApplicationServiceProvider(PortalDbContext.SchemaServices));
            return new PostgresPortalDbContext(postgres.Options);
        }
        var sqlite = new DbContextOptionsBuilder<SqlitePortalDbContext>();
        Options(sqlite.UseApplicationServiceProvider(PortalDbContext.SchemaServices));
        return new SqlitePortalDbContext(sqlite.Options);
    }

    /// <summary>Held while the schema and the key ring are made, so that nodes may start together; the system lets go of it when a process is killed.</summary>
    public async Task<IAsyncDisposable> StartLockAsync()
    {
        if (_postgres)
        {
            // Not pooled: the lock belongs to the session, and closing it must end it.
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connection) { Pooling = false }.ConnectionString);
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandTimeout = 300;
            command.CommandText = "SELECT pg_advisory_lock(7305809251)";
            await command.ExecuteNonQueryAsync();
            return connection;
        }
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(_folder.File(null, "start.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < 600)
            {
                await Task.Delay(100);
            }
        }
    }

    private void Options(DbContextOptionsBuilder options)
    {
        // Bounded: with the libraries' half minutes a database that stands still would bind every thread.
        // A limit without an order only bounds how much is looked at.
        options.ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning));
        if (_postgres) options.UseNpgsql(Bounded(new NpgsqlConnectionStringBuilder(_connection)));
        else options.UseSqlite(Bounded(new SqliteConnectionStringBuilder(_connection)));
    }

    private static string Bounded(NpgsqlConnectionStringBuilder connection)
    {
        if (!connection.ShouldSerialize("Timeout")) connection.Timeout = 5;
        if (!connection.ShouldSerialize("Command Timeout")) connection.CommandTimeout = 8;
        return connection.ConnectionString;
    }

    private static string Bounded(SqliteConnectionStringBuilder connection)
    {
        if (connection.DefaultTimeout == new SqliteConnectionStringBuilder().DefaultTimeout) connection.DefaultTimeout = 8;
        return connection.ConnectionString;
    }
}
