using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Users;

/// <summary>What a read of the user list goes by: the rules that count at this moment, and the time.</summary>
/// <param name="Rule">Who must use MFA; it also says whether the MFA switch is on.</param>
/// <param name="Clock">The time that deadlines are compared with.</param>
internal sealed record ListTerms(MfaRule Rule, IQueryable<MfaDeadline> Deadlines, DateTimeOffset Now, DateTimeOffset Clock)
{
    /// <summary>
    /// Which of due and overdue are few: they are found from the index of open deadlines. Of many, each user of the list's order is looked up; SQLite
    /// would otherwise collect a million deadlines for one page, or look up a million users for none.
    /// </summary>
    private IReadOnlyList<MfaDutyState> Few { get; init; } = [];

    public bool MfaOn => Rule.IsAwake;

    /// <param name="asked">The filters by deadline that will be asked for.</param>
    /// <param name="most">What is few.</param>
    public static async Task<ListTerms> ReadAsync(
        UnitOfWork work, IEnumerable<MfaDutyState> asked, int most = 5_000, CancellationToken cancel = default)
    {
        var rule = MfaRule.Of(await work.ReadSettingsAsync<SecuritySettings>(cancel));
        if (!rule.CoversAnybody) return new(rule, work.Query<MfaDeadline>(), work.Now, work.Now);
        var terms = new ListTerms(rule, work.Query<MfaDeadline>(), work.Now, await work.Duties.ReadClockAsync(cancel));
        List<MfaDutyState> few = [];
        foreach (var state in asked)
            if (!await work.Planner.ExpectsMoreThanAsync(terms.Range(state).Select(d => d.UserId), most, cancel)) few.Add(state);
        return terms with { Few = few };
    }

    /// <summary>The same terms for another unit of work of the same download.</summary>
    public ListTerms In(UnitOfWork work) => this with { Deadlines = work.Query<MfaDeadline>() };

    public bool IsFew(MfaDutyState state) => Few.Contains(state);

    /// <summary>Asks for system administrators alone where the rule covers nobody else: they have indexes of their own.</summary>
    public UserQuery Narrowed(UserQuery query) =>
        query.Duty is not null && Rule.Who is MustUseMfa.SystemAdministrators ? query with { Administrators = true } : query;

    /// <summary>Those of the users of whom the rule asks this.</summary>
    public IQueryable<PortalUser> Of(IQueryable<PortalUser> users, MfaDutyState state)
    {
        if (!Rule.CoversAnybody) return users.Where(u => false);
        var (rule, clock, deadlines) = (Rule, Clock, Deadlines);
        if (IsFew(state))
        {
            var few = Range(state).Select(d => d.UserId);
            users = users.Where(u => few.Contains(u.Id));
        }
        var (owes, when) = (MfaDutyFacts.Owes, state is MfaDutyState.Overdue ? MfaDutyFacts.HasPassed : MfaDutyFacts.IsAhead);
        return users.Where(u => deadlines.Where(d => d.UserId == u.Id && d.IsOpen)
            .Select(d => new MfaDutyFacts
            {
                IsAwake = rule.IsAwake,
                Who = rule.Who,
                IsSystemAdministrator = u.IsSystemAdministrator,
                IsEnrolled = u.TwoFactorEnabled,
                DueAt = d.DueAt,
                Clock = clock,
            })
            .Where(owes).Any(when));
    }

    /// <summary>What the rule asks of a user of the list.</summary>
    public MfaDutyState Of(FoundUser user) => MfaDuty.Of(new()
    {
        IsAwake = Rule.IsAwake,
        Who = Rule.Who,
        IsSystemAdministrator = user.IsSystemAdministrator,
        IsEnrolled = user.MfaEnabled,
        DueAt = user.MfaDueAt,
        Clock = Clock,
    }).State;

    /// <summary>The open deadlines on one side of the clock: a range of their index.</summary>
    private IQueryable<MfaDeadline> Range(MfaDutyState state)
    {
        var clock = Clock;
        return state is MfaDutyState.Overdue
            ? Deadlines.Where(d => d.IsOpen && d.DueAt <= clock)
            : Deadlines.Where(d => d.IsOpen && d.DueAt > clock);
    }
}
