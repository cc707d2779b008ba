using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>The rows that conditional statements start from.</summary>
internal static class UserRows
{
    public static IQueryable<PortalUser> User(this PortalDbContext context, Guid id) => context.Set<PortalUser>().Where(u => u.Id == id);

    /// <summary>
    /// The user's row, if the account is still as it was when <paramref name="judged"/> was read: able to sign in, with the same password and e-mail
    /// address.
    /// </summary>
    public static IQueryable<PortalUser> Unchanged(this PortalDbContext context, PortalUser judged, DateTimeOffset now) =>
        context.User(judged.Id)
            .Where(u => u.State == AccountState.Active && (u.LockoutEnd == null || u.LockoutEnd <= now) && u.SecurityStamp == judged.SecurityStamp);
}
