using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Data;

/// <summary>
/// Identity's own store, for its user manager, which creates and validates new users. Features cannot reach it: the methods that it inherits set an
/// enrolment, a counter or a lock without the conditions of <see cref="Enrolments"/>, <see cref="AttemptCounters"/> and <see cref="Locks"/>.
/// </summary>
public sealed class PortalUserStore : UserOnlyStore<PortalUser, PortalDbContext, Guid>
{
    public PortalUserStore(PortalDbContext context) : base(context) => AutoSaveChanges = false;
}
