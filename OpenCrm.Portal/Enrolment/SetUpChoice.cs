using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Enrolment;

/// <summary>What the wizard is to do for somebody who has an authenticator already: a closed set (docs/spec.md 11.4).</summary>
public abstract record SetUpChoice
{
    private SetUpChoice() { }

    public sealed record AddAnother : SetUpChoice;

    public sealed record Replace(Guid AuthenticatorId) : SetUpChoice;

    /// <summary>Whether a run that waits already does what was chosen; without a choice it goes on whatever it does.</summary>
    internal static bool Fits(SetUpChoice? choice, PendingEnrolment run) => choice switch
    {
        AddAnother => run.Replaces is null,
        Replace replace => run.Replaces == replace.AuthenticatorId,
        _ => true,
    };

    /// <summary>The name of the one that is replaced, or the first of "Authenticator app", "Authenticator app 2", … that is free.</summary>
    internal static string SuggestName(IReadOnlyList<Authenticator> authenticators, Guid? replaces)
    {
        if (authenticators.FirstOrDefault(one => one.Id == replaces) is { } replaced) return replaced.Name;
        var taken = authenticators.Select(one => one.Name).ToHashSet(StringComparer.CurrentCultureIgnoreCase);
        return Enumerable.Range(1, Authenticator.MostPerUser + 1)
            .Select(number => number == 1 ? Texts.Enrolment_DefaultName : $"{Texts.Enrolment_DefaultName} {number}")
            .First(name => !taken.Contains(name));
    }
}

/// <summary>An authenticator that could be replaced.</summary>
public sealed record EnrolledAuthenticator(Guid Id, string Name);
