using System.Linq.Expressions;

namespace OpenCrm.Portal.Accounts;

/// <summary>What the rule about MFA asks of a person.</summary>
public enum MfaDutyState
{
    /// <summary>Nothing: the rule does not cover the person or sleeps, or MFA is set up.</summary>
    None = 0,

    /// <summary>MFA has to be set up until a deadline that is still ahead.</summary>
    Due = 1,

    /// <summary>The deadline has passed: nothing but the wizard, the help and signing out answers (docs/spec.md 12.2).</summary>
    Overdue = 2,
}

/// <summary>What the rule about MFA asks of one person now, and until when.</summary>
/// <param name="DueAt">The deadline; null if nothing is asked.</param>
public readonly record struct MfaDuty(MfaDutyState State, DateTimeOffset? DueAt)
{
    private static readonly Func<MfaDutyFacts, bool> Owes = MfaDutyFacts.Owes.Compile(), HasPassed = MfaDutyFacts.HasPassed.Compile();

    public bool IsOverdue => State is MfaDutyState.Overdue;

    public static MfaDuty Of(MfaDutyFacts facts) =>
        !Owes(facts) ? default : new(HasPassed(facts) ? MfaDutyState.Overdue : MfaDutyState.Due, facts.DueAt);
}

/// <summary>
/// Everything that decides what the rule asks of one person. The expressions are the one rule: the gate compiles them, and the lists, their
/// filters and counts, the CSV file and the tiles hand them to the database.
/// </summary>
public sealed class MfaDutyFacts
{
    /// <summary>Whether the rule is awake, covers the person, and the person has no MFA and a deadline.</summary>
    public static readonly Expression<Func<MfaDutyFacts, bool>> Owes = facts =>
        facts.IsAwake && !facts.IsEnrolled && facts.DueAt != null
        && (facts.Who == MustUseMfa.Everyone || (facts.Who == MustUseMfa.SystemAdministrators && facts.IsSystemAdministrator));

    /// <summary>Whether the person's deadline has passed.</summary>
    public static readonly Expression<Func<MfaDutyFacts, bool>> HasPassed = facts => facts.DueAt <= facts.Clock;

    /// <summary>Whether the deadline is still ahead.</summary>
    public static readonly Expression<Func<MfaDutyFacts, bool>> IsAhead =
        Expression.Lambda<Func<MfaDutyFacts, bool>>(Expression.Not(HasPassed.Body), HasPassed.Parameters);

    /// <inheritdoc cref="MfaRule.IsAwake" />
    public bool IsAwake { get; init; }

    public MustUseMfa Who { get; init; }

    public bool IsSystemAdministrator { get; init; }

    /// <summary>Whether MFA is set up, also damaged: that account is refused at sign-in for another reason.</summary>
    public bool IsEnrolled { get; init; }

    /// <inheritdoc cref="MfaDeadline.DueAt" />
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The time that deadlines are compared with: <see cref="MfaClock.At"/>.</summary>
    public DateTimeOffset Clock { get; init; }
}
