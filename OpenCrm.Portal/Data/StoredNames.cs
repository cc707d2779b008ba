using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>An account's names as they are stored.</summary>
public sealed record StoredName(
    Guid Id, DateTimeOffset CreatedAt, string Username, string NormalizedUsername, string Name, string NormalizedName, string? Email, string? NormalizedEmail);

/// <summary>The normalized values of accounts while they are brought under other rules of <see cref="AccountName.Normalize"/>.</summary>
public sealed class StoredNames(PortalDbContext context)
{
    /// <summary>A statement here may read a million rows once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Notes that all stored values follow these rules.</summary>
    public Task NoteRulesAsync(int rules, CancellationToken cancel = default) =>
        context.Set<GeneralSettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.NameRules, rules), cancel);

    /// <summary>Every account with a name beyond ASCII: on the others no rules differ.</summary>
    public async Task<List<StoredName>> FindBeyondAsciiAsync(CancellationToken cancel = default)
    {
        context.Database.SetCommandTimeout(Patience);
        try
        {
            // More bytes than characters. SQLite has no function for the bytes of a text that all its versions know.
            var users = context.Database.IsNpgsql()
                ? context.Set<PortalUser>().FromSql(
                    $"""SELECT * FROM "Users" WHERE octet_length(concat("UserName", "Name", "Email")) <> char_length(concat("UserName", "Name", "Email"))""")
                : context.Set<PortalUser>().FromSql(
                    $"""
                    SELECT * FROM "Users" WHERE length(CAST(coalesce("UserName", '') || "Name" || coalesce("Email", '') AS BLOB)) <> length(coalesce("UserName", '') || "Name" || coalesce("Email", ''))
                    """);
            return await Projected(users).ToListAsync(cancel);
        }
        finally
        {
            context.Database.SetCommandTimeout(null);
        }
    }

    /// <summary>Those accounts that have one of these normalized usernames, or of these addresses.</summary>
    public async Task<List<StoredName>> FindHoldersAsync(IReadOnlyCollection<string> usernames, IReadOnlyCollection<string> emails, CancellationToken cancel = default)
    {
        List<StoredName> found = [];
        // In pieces: a statement takes only so many parameters.
        foreach (var some in usernames.Chunk(500)) found.AddRange(await Projected(context.Set<PortalUser>().Where(u => some.Contains(u.NormalizedUserName))).ToListAsync(cancel));
        foreach (var some in emails.Chunk(500)) found.AddRange(await Projected(context.Set<PortalUser>().Where(u => some.Contains(u.NormalizedEmail))).ToListAsync(cancel));
        return [.. found.DistinctBy(name => name.Id)];
    }

    /// <summary>Whether somebody has this normalized username.</summary>
    public Task<bool> IsTakenAsync(string normalizedUsername, CancellationToken cancel = default) =>
        context.Set<PortalUser>().AnyAsync(u => u.NormalizedUserName == normalizedUsername, cancel);

    /// <summary>Takes both unique values away, so that accounts may exchange theirs in any order; <see cref="WriteAsync"/> gives others.</summary>
    public Task ClearAsync(Guid id, CancellationToken cancel = default)
    {
        var nobodys = id.ToString();
        return context.Set<PortalUser>().Where(u => u.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.NormalizedUserName, nobodys).SetProperty(u => u.NormalizedEmail, nobodys), cancel);
    }

    /// <summary>Writes the names. Whoever edits the account at this moment is told that somebody else did.</summary>
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

/// <summary>Identity looks names up as the portal stores them.</summary>
internal sealed class AccountNameNormalizer : ILookupNormalizer
{
    public string? NormalizeName(string? name) => name is null ? null : AccountName.Normalize(name);

    public string? NormalizeEmail(string? email) => email is null ? null : AccountName.Normalize(email);
}

/// <summary>Held by the node that changes the database at its start; the others wait, and find it done.</summary>
internal sealed class StartLock(IConfiguration configuration, DataFolder folder)
{
    public Task<IAsyncDisposable> TakeAsync() => new PortalDatabase(configuration, folder).StartLockAsync();
}
