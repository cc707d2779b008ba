using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Users;

/// <summary>
/// Does to several users, one after the other, what <see cref="UserAdministration"/> does to one: each in a transaction of its own with its event and
/// mails, and judged again at that moment. System administrators are left out unless they are named.
/// </summary>
public sealed partial class SeveralUsers(
    UnitsOfWork units, CurrentCaller currentCaller, UserAdministration administration, ILogger<SeveralUsers> log)
{
    /// <summary>Above this many, one wrong filter would do more than people can look through and take back.</summary>
    public const int Most = 10_000;

    /// <summary>How many may be selected; a test asks for fewer.</summary>
    internal int Limit { get; init; } = Most;

    /// <summary>How many spared users an outcome lists.</summary>
    internal const int MostListed = 100;

    /// <summary>How many system administrators a popup can name; where there are more, all of them are left out.</summary>
    internal const int MostNamed = 100;

    /// <summary>Finds out what the action would do to whom, by one query for all of them.</summary>
    /// <exception cref="AccessRefusedException">The caller is no system administrator.</exception>
    public async Task<SeveralPlan> PlanAsync(SeveralAct act, SelectedUsers selected, CancellationToken cancel = default)
    {
        await using var work = await units.ReadAsync(cancel);
        var by = await currentCaller.RequireAdministratorAsync(work, cancel);
        var users = await SelectAsync(work, selected, cancel);
        var found = await users.Take(Limit + 1).Select(u => new Seen(
            u.Id, u.UserName!, u.IsSystemAdministrator, u.State, u.LockoutEnd > work.Now, u.PasswordHash != null || u.PasswordChangedAt != null))
            .ToListAsync(cancel);
        if (found.Count > Limit) return new SeveralPlan.TooMany();
        var last = act is SeveralAct.Lock or SeveralAct.Deactivate && found.Exists(user => user.IsSystemAdministrator)
            ? await FindLastAdministratorAsync(work, cancel) : null;
        HashSet<Guid> present = act is SeveralAct.EndSessions ? [.. await OpenSessions.ListPresentAsync(work, users, cancel)] : [];

        var spared = new Tally();
        List<Seen> others = [];
        List<NamedAdministrator> administrators = [];
        var tooMany = found.Count(user => user.IsSystemAdministrator) > MostNamed;
        foreach (var user in found.OrderBy(user => user.Username, StringComparer.OrdinalIgnoreCase))
        {
            if (Judge(act, user, by.UserId, last, present) is { } why) spared.Add(user.Username, why);
            else if (!user.IsSystemAdministrator) others.Add(user);
            else if (tooMany) spared.Add(user.Username, Sparing.TooManyAdministrators);
            else administrators.Add(new(user.Id, user.Username));
        }
        return new SeveralPlan.Ready(
            others.Count, others.FirstOrDefault()?.Username, administrators, spared.Users, [.. found.Select(user => user.Id)]);
    }

    /// <summary>
    /// Does it, one user after the other. Who matches a filter is found at the beginning, so that nobody is added by what the action itself changes.
    /// </summary>
    /// <param name="administrators">The system administrators who were named and are included.</param>
    /// <param name="progressed">Called after each user with how many are through, and of how many.</param>
    /// <param name="stop">Stops it after the current user.</param>
    /// <exception cref="AccessRefusedException">The caller is no system administrator; nothing happened.</exception>
    public async Task<SeveralOutcome> RunAsync(
        SeveralAct act,
        SelectedUsers selected,
        IReadOnlySet<Guid> administrators,
        Action<int, int>? progressed = null,
        CancellationToken stop = default)
    {
        if (await BeginAsync(selected) is not { } begun) return new SeveralOutcome.TooMany();
        var (by, now, users) = begun;
        // One rule for all five: any of them may reach system administrators or passwords (docs/spec.md 3.5). Asked once, however long it runs.
        if (!by.ProvedRecently(now)) return new SeveralOutcome.StepUpNeeded(new StepUpNeed.PasswordAndCode());
        var (done, left) = (0, new Tally());
        SeveralStop? stopped = null;
        var slow = 0;
        foreach (var (id, username) in users)
        {
            if (stop.IsCancellationRequested) stopped = SeveralStop.Asked;
            else
            {
                try
                {
                    var why = id == by.UserId ? Sparing.Own : await ActAsync(act, id, !administrators.Contains(id));
                    if (why is null) done++;
                    else left.Add(username, why.Value);
                    slow = 0;
                }
                catch (AccessRefusedException)
                {
                    stopped = SeveralStop.NoRight;
                }
                // A statement that takes too long waits for whoever holds this user. Several of them in a row are a database that does not answer.
                catch (Exception failure) when (Outage.IsConflict(failure)
                    || (Outage.IsOne(failure) && !Outage.IsOne(failure, timeouts: false) && ++slow < 3))
                {
                    left.Add(username, Sparing.Busy);
                }
                catch (Exception failure) when (Outage.IsOne(failure))
                {
                    LogAway(log, act, done + left.Users.Count, users.Count, Outage.Reason(failure));
                    stopped = SeveralStop.Away;
                }
                catch (Exception failure)
                {
                    // The others are done all the same, and what is done so far is told.
                    LogFailed(log, failure, act, id);
                    left.Add(username, Sparing.Failed);
                }
            }
            if (stopped is not null) break;
            progressed?.Invoke(done + left.Users.Count, users.Count);
            // The page's other events, such as Stop, come in between. SQLite answers without waiting, so nothing else in here would let them.
            await Task.Yield();
        }
        return new SeveralOutcome.Ran(done, left.Users, users.Count - done - left.Users.Count, stopped);
    }

    /// <summary>Checks the caller and finds the selected users; null if there are too many.</summary>
    private async Task<(Caller.Person By, DateTimeOffset Now, List<(Guid Id, string Username)> Users)?> BeginAsync(SelectedUsers selected)
    {
        await using var work = await units.ReadAsync();
        var by = await currentCaller.RequireAdministratorAsync(work, act: nameof(RunAsync));
        by.RequireNotHeld(work.Now);
        var users = await (await SelectAsync(work, selected)).Take(Limit + 1).Select(u => new { u.Id, u.UserName }).ToListAsync();
        if (users.Count > Limit) return null;
        return (by, work.Now,
            [.. users.OrderBy(user => user.UserName, StringComparer.OrdinalIgnoreCase).Select(user => (user.Id, user.UserName!))]);
    }

    internal static async Task<IQueryable<PortalUser>> SelectAsync(UnitOfWork work, SelectedUsers selected, CancellationToken cancel = default)
    {
        var users = work.Query<PortalUser>();
        List<Guid> picked = [.. selected.Picked];
        // One parameter for all of them: one for each would be more than a statement takes.
        if (selected.Matching is not { } filter) return users.Where(u => EF.Parameter(picked).Contains(u.Id));
        var terms = await ListTerms.ReadAsync(work, filter.Duty is { } duty ? [duty] : [], cancel: cancel);
        if (filter.IsFiltered && UserList.IsIndexed(filter.Search)) await work.Planner.PreferIndexesAsync(cancel: cancel);
        var matching = UserList.Filtered(users, terms.Narrowed(filter), terms);
        return picked.Count == 0 ? matching : matching.Where(u => !EF.Parameter(picked).Contains(u.Id));
    }

    /// <summary>The only system administrator who can act now; null if there are more.</summary>
    private static async Task<Guid?> FindLastAdministratorAsync(UnitOfWork work, CancellationToken cancel)
    {
        var two = await work.Query<PortalUser>().Where(u => u.IsSystemAdministrator).Where(UserOrder.Is(AccountStatus.Active, work.Now))
            .OrderBy(u => u.Id).Select(u => u.Id).Take(2).ToListAsync(cancel);
        return two.Count == 1 ? two[0] : null;
    }

    private static Sparing? Judge(SeveralAct act, Seen user, Guid self, Guid? last, HashSet<Guid> present) => act switch
    {
        _ when user.Id == self => Sparing.Own,
        SeveralAct.Lock when user.State is AccountState.Locked => Sparing.Locked,
        SeveralAct.Lock or SeveralAct.Deactivate when user.State is AccountState.Inactive => Sparing.Inactive,
        SeveralAct.Lock or SeveralAct.Deactivate when user.Id == last => Sparing.LastAdministrator,
        SeveralAct.EndSessions when !present.Contains(user.Id) => Sparing.NoSession,
        SeveralAct.InviteAgain when user.HasChosen => Sparing.PasswordChosen,
        SeveralAct.InviteAgain or SeveralAct.ResetPassword when user.State is AccountState.Inactive => Sparing.Inactive,
        SeveralAct.InviteAgain or SeveralAct.ResetPassword when user.State is AccountState.Locked || user.LockedNow => Sparing.Locked,
        SeveralAct.ResetPassword when !user.HasChosen => Sparing.PasswordNotChosen,
        _ => null,
    };

    /// <summary>Acts on one user. It is not broken off: a stop comes after it.</summary>
    /// <returns>Why nothing happened; null if it is done.</returns>
    private async Task<Sparing?> ActAsync(SeveralAct act, Guid user, bool spareAdministrators)
    {
        var outcome = await (act switch
        {
            SeveralAct.Lock => administration.LockAsync(user, spareAdministrators),
            SeveralAct.Deactivate => administration.DeactivateAsync(user, spareAdministrators),
            SeveralAct.ResetPassword => administration.ResetPasswordOfOneAsync(user, spareAdministrators),
            SeveralAct.EndSessions => administration.EndSessionsAsync(user, spareAdministrators),
            SeveralAct.InviteAgain => administration.InviteAgainAsync(user, spareAdministrators),
            _ => throw new ArgumentOutOfRangeException(nameof(act)),
        });
        return outcome switch
        {
            UserOutcome.Done => null,
            UserOutcome.NoSuchUser => Sparing.Gone,
            UserOutcome.OwnAccount => Sparing.Own,
            UserOutcome.LastAdministrator => Sparing.LastAdministrator,
            UserOutcome.Administrator => Sparing.Administrator,
            UserOutcome.NotActive { User: var closed } => ClosedBy(closed),
            UserOutcome.NothingToDo { User: var same } => act switch
            {
                SeveralAct.EndSessions => Sparing.NoSession,
                SeveralAct.ResetPassword => Sparing.PasswordNotChosen,
                SeveralAct.InviteAgain => Sparing.PasswordChosen,
                _ => ClosedBy(same),
            },
            _ => throw new InvalidOperationException($"{act} ended in {outcome.GetType().Name}."),
        };
    }

    private static Sparing ClosedBy(PortalUser user) => user.State is AccountState.Inactive ? Sparing.Inactive : Sparing.Locked;

    [LoggerMessage(
        LogLevel.Warning,
        "{Act} of several users stopped after {Done} of {All}, because the database does not answer; it can be repeated for the others: {Reason}")]
    private static partial void LogAway(ILogger log, SeveralAct act, int done, int all, string reason);

    [LoggerMessage(LogLevel.Error, "{Act} failed for user {User}, one of several; the others are not affected")]
    private static partial void LogFailed(ILogger log, Exception failed, SeveralAct act, Guid user);

    /// <summary>A selected user as the plan judges them.</summary>
    private sealed record Seen(Guid Id, string Username, bool IsSystemAdministrator, AccountState State, bool LockedNow, bool HasChosen);

    /// <summary>Counts all spared users and keeps the first.</summary>
    private sealed class Tally
    {
        private readonly List<SparedUser> _first = [];
        private int _count;

        public SparedUsers Users => new(_first, _count);

        public void Add(string username, Sparing why)
        {
            if (_count++ < MostListed) _first.Add(new(username, why));
        }
    }
}
