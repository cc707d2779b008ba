using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>Secrets of the portal itself, the same on all nodes, stored encrypted.</summary>
public sealed class StoredSecrets(PortalDbContext context)
{
    /// <summary>Returns the stored secret, or stores the given one if there is none. Racing callers all get the same secret.</summary>
    public async Task<byte[]> FindOrAddAsync(string name, byte[] protectedIfNew, CancellationToken cancel = default)
    {
        await context.Database.ExecuteSqlAsync(
            $"""INSERT INTO "PortalSecrets" ("Name", "ProtectedValue") VALUES ({name}, {protectedIfNew}) ON CONFLICT ("Name") DO NOTHING""", cancel);
        return await ReadAsync(name, cancel);
    }

    /// <summary>Replaces a secret that nobody can read any more; of racing callers only the first does.</summary>
    /// <returns>The secret that is stored now, and whether it is <paramref name="instead"/>.</returns>
    public async Task<(byte[] ProtectedValue, bool Replaced)> ReplaceAsync(
        string name, byte[] unreadable, byte[] instead, CancellationToken cancel = default)
    {
        var replaced = await context.Set<PortalSecret>().Where(s => s.Name == name && s.ProtectedValue == unreadable)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.ProtectedValue, instead), cancel) == 1;
        return (await ReadAsync(name, cancel), replaced);
    }

    private Task<byte[]> ReadAsync(string name, CancellationToken cancel) =>
        context.Set<PortalSecret>().Where(s => s.Name == name).Select(s => s.ProtectedValue).SingleAsync(cancel);
}
