using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace OpenCrm.Portal.Data;

/// <summary>Lets <c>dotnet ef</c> build the model without starting the portal.</summary>
public sealed class DesignTimeSqlite : IDesignTimeDbContextFactory<SqlitePortalDbContext>
{
    public SqlitePortalDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqlitePortalDbContext>()
            .UseSqlite("Data Source=design.db")
            .UseApplicationServiceProvider(PortalDbContext.SchemaServices)
            .Options);
}

/// <inheritdoc cref="DesignTimeSqlite" />
public sealed class DesignTimePostgres : IDesignTimeDbContextFactory<PostgresPortalDbContext>
{
    public PostgresPortalDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresPortalDbContext>()
            .UseNpgsql("Host=localhost;Database=design")
            .UseApplicationServiceProvider(PortalDbContext.SchemaServices)
            .Options);
}
