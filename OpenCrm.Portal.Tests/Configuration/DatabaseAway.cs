using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Tests.Configuration;

/// <summary>A database that goes away when the test says so, or right after the block General was committed.</summary>
internal sealed class DatabaseAway : IDbCommandInterceptor, IDbTransactionInterceptor
{
    private volatile bool _away, _afterSave;

    public void Watch(IServiceCollection services) => services.ConfigureDbContext<SqlitePortalDbContext>(options => options.AddInterceptors(this));

    public void Now() => _away = true;

    public void AfterTheNextSave() => _afterSave = true;

    public void IsBack() => (_away, _afterSave) = (false, false);

    public ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        _away ? throw new SqliteException("SQLite Error 5: 'database is locked'.", 5) : ValueTask.FromResult(result);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        _away |= _afterSave && eventData.Context?.ChangeTracker.Entries<GeneralSettings>().Any() == true;
        return Task.CompletedTask;
    }
}
