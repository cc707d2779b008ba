using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Session rows without the browser's part of signing in.</summary>
public static class SessionRows
{
    /// <summary>A session that has just begun; nobody holds its token.</summary>
    public static PortalSession New(Guid userId, DateTimeOffset now, bool provedByCode = true) => new()
    {
        Id = Guid.NewGuid(),
        UserId = userId,
        TokenHash = RandomNumberGenerator.GetBytes(32),
        CreatedAt = now,
        ExpiresAt = now + SessionTimes.AbsoluteLifetime,
        ProvedAt = now,
        LastSeenAt = now,
        ProvedByCode = provedByCode,
    };

    /// <summary>Adds a session of the user with this normalized username; the unit of work is the caller's to commit.</summary>
    public static async Task<Guid> AddSessionAsync(this UnitOfWork work, string normalizedUserName)
    {
        var session = New(
            await work.Query<PortalUser>().Where(u => u.NormalizedUserName == normalizedUserName).Select(u => u.Id).SingleAsync(),
            work.Now);
        work.Add(session);
        return session.Id;
    }
}
