using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Records the kinds of the statements that one action of a test runs, in their order, without those of the workers beside it.</summary>
public sealed partial class StatementWatch : DbCommandInterceptor
{
    private readonly AsyncLocal<List<string>?> _watched = new();

    public void Watch(IServiceCollection services)
    {
        services.ConfigureDbContext<SqlitePortalDbContext>(options => options.AddInterceptors(this));
        services.ConfigureDbContext<PostgresPortalDbContext>(options => options.AddInterceptors(this));
    }

    public async Task<(T Result, string Statements)> OfAsync<T>(Func<Task<T>> act)
    {
        _watched.Value = [];
        var result = await act();
        return (result, string.Join(' ', _watched.Value));
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Note(command);
        return base.ReaderExecuting(command, eventData, result);
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Note(command);
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }

    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Note(command);
        return base.NonQueryExecuting(command, eventData, result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Note(command);
        return base.NonQueryExecutingAsync(command, eventData, result, cancellationToken);
    }

    private void Note(DbCommand command) => _watched.Value?.AddRange(Verb().Matches(command.CommandText).Select(found => found.Value));

    /// <summary>A command may hold several statements.</summary>
    [GeneratedRegex(@"(?<=^|;\s*)(SELECT|INSERT|UPDATE|DELETE)\b", RegexOptions.Multiline)]
    private static partial Regex Verb();
}
