using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>An account's names as they are stored.</summary>
public sealed record StoredName(
    Guid Id, DateTimeOffset CreatedAt, string Username, string NormalizedUsername, string Name, string NormalizedName,
    string? Email, string? NormalizedEmail);

/// <summary>Reads and rewrites the normalized values of accounts when the rules of <see cref="AccountName.Normalize"/> change.</summary>
public sealed class StoredNames(PortalDbContext context)
{
    /// <summary>The timeout of a statement that may read a million rows once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Records that all stored values follow these rules.</summary>
    public Task NoteRulesAsync(int rules, CancellationToken cancel = default) =>
        context.Set<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.NameRules, rules), cancel);

    /// <summary>Returns every account with a name beyond ASCII: for the others the rules cannot differ.</summary>
    public async Task<List<StoredName>> FindBeyondAsciiAsync(CancellationToken cancel = default)
    {
        context.Database.SetCommandTimeout(Patience);
        try
        {
            // Such a name has more bytes than characters. No function for the bytes of a text exists in all versions of SQLite, hence the cast.
            var users = context.Database.IsNpgsql()
                ? context.Set<PortalUser>().FromSql(
                    $"""
                    SELECT * FROM "Users" WHERE octet_length(concat("UserName", "Name", "Email")) <> char_length(concat("UserName", "Name", "Email"))
                    """)
                : context.Set<PortalUser>().FromSql(
                    $"""
                    SELECT * FROM "Users"
                    WHERE length(CAST(coalesce("UserName", '') || "Name" || coalesce("Email", '') AS BLOB))
                        <> length(coalesce("UserName", '') || "Name" || coalesce("Email", ''))
                    """);
            return await Projected(users).ToListAsync(cancel);
        }
        finally
        {
            context.Database.SetCommandTimeout(null);
        }
    }

    /// <summary>Returns the accounts that have one of these normalized usernames or addresses.</summary>
    public async Task<List<StoredName>> FindHoldersAsync(
        IReadOnlyCollection<string> usernames, IReadOnlyCollection<string> emails, CancellationToken cancel = default)
    {
        List<StoredName> found = [];
        // In parts, because a statement takes only so many parameters.
        foreach (var some in usernames.Chunk(500))
            found.AddRange(await Projected(context.Set<PortalUser>().Where(u => some.Contains(u.NormalizedUserName))).ToListAsync(cancel));
        foreach (var some in emails.Chunk(500))
            found.AddRange(await Projected(context.Set<PortalUser>().Where(u => some.Contains(u.NormalizedEmail))).ToListAsync(cancel));
        return [.. found.DistinctBy(name => name.Id)];
    }

    /// <summary>Whether an account has this normalized username.</summary>
    public Task<bool> IsTakenAsync(string normalizedUsername, CancellationToken cancel = default) =>
        context.Set<PortalUser>().AnyAsync(u => u.NormalizedUserName == normalizedUsername, cancel);

    /// <summary>
    /// Replaces both unique values by the account's id, so that accounts may exchange theirs in any order; <see cref="WriteAsync"/> sets the new
    /// ones.
    /// </summary>
    public Task ClearAsync(Guid id, CancellationToken cancel = default)
    {
        var nobodys = id.ToString();
        return context.Set<PortalUser>().Where(u => u.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.NormalizedUserName, nobodys).SetProperty(u => u.NormalizedEmail, nobodys), cancel);
    }

    /// <summary>Writes the names. An edit of the account at the same moment is refused, because the concurrency stamp changes.</summary>
    public Task WriteAsync(StoredName name, CancellationToken cancel = default)
    {
        var concurrency = Guid.NewGuid().ToString();
        return context.Set<PortalUser>().Where(u => u.Id == name.Id)
            .ExecuteUpdateAsync(set => set
                .SetProperty(u => u.UserName, name.Username)
                .SetProperty(u => u.NormalizedUserName, name.NormalizedUsername)
                .SetProperty(u => u.NormalizedName, name.NormalizedName)
                .SetProperty(u => u.NormalizedEmail, name.NormalizedEmail)
                .SetProperty(u => u.ConcurrencyStamp, concurrency), cancel);
    }

    private static IQueryable<StoredName> Projected(IQueryable<PortalUser> users) => users.AsNoTracking()
        .Select(u => new StoredName(u.Id, u.CreatedAt, u.UserName!, u.NormalizedUserName!, u.Name, u.NormalizedName, u.Email, u.NormalizedEmail));
}

/// <summary>Makes Identity look names up in the form in which the portal stores them.</summary>
internal sealed class AccountNameNormalizer : ILookupNormalizer
{
    public string? NormalizeName(string? name) => name is null ? null : AccountName.Normalize(name);

    public string? NormalizeEmail(string? email) => email is null ? null : AccountName.Normalize(email);
}

/// <summary>The lock of the node that changes the database at its start; the other nodes wait, and find it done.</summary>
internal sealed class StartLock(IConfiguration configuration, DataFolder folder)
{
    public Task<IAsyncDisposable> TakeAsync() => new PortalDatabase(configuration, folder).StartLockAsync();
}
