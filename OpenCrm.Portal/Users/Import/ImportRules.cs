using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Users.Import;

/// <summary>Decides what a row would do to the people there are. The dry run and the import ask the same rules.</summary>
internal sealed class ImportRules
{
    private readonly Dictionary<string, Known> _byUsername;
    private readonly Dictionary<string, Known> _byEmail;

    private ImportRules(IReadOnlyCollection<Known> people)
    {
        _byUsername = people.ToDictionary(person => person.NormalizedUsername, StringComparer.Ordinal);
        _byEmail = people.Where(person => person.NormalizedEmail is not null)
            .ToDictionary(person => person.NormalizedEmail!, StringComparer.Ordinal);
    }

    /// <summary>Reads the people whom these rows may mean or collide with.</summary>
    public static async Task<ImportRules> ReadAsync(
        UnitOfWork work, IEnumerable<(string Username, string Email)> rows, CancellationToken cancel)
    {
        var asked = rows.ToList();
        List<string> usernames = [.. asked.Select(row => AccountName.Normalize(row.Username)).Distinct(StringComparer.Ordinal)];
        List<string> emails = [.. asked.Select(row => AccountName.Normalize(row.Email)).Distinct(StringComparer.Ordinal)];
        // Two queries, each of them ranges of one index.
        var named = await Read(work.Query<PortalUser>().Where(u => usernames.Contains(u.NormalizedUserName!))).ToListAsync(cancel);
        var mailed = await Read(work.Query<PortalUser>().Where(u => emails.Contains(u.NormalizedEmail!))).ToListAsync(cancel);
        return new([.. named.Concat(mailed).DistinctBy(person => person.Id)]);
    }

    /// <summary>Judges a row. People are found by their username.</summary>
    public Judgement Judge(string username, string name, string email)
    {
        var person = _byUsername.GetValueOrDefault(AccountName.Normalize(username));
        var (newName, newEmail) = (name != person?.Name, email != person?.Email);
        if (person is not null && !newName && !newEmail) return new(ImportVerdict.Unchanged, ImportFaults.None, person);
        var faults = NewUsers.Evaluate(username, name, email)
            // What is not changed may stay, even if today's rules would refuse it for a new user.
            .Where(fault => (person is null || !NewUsers.IsOfUsername(fault))
                && (newName || !NewUsers.IsOfName(fault))
                && (newEmail || !NewUsers.IsOfEmail(fault)))
            .Aggregate(ImportFaults.None, (all, fault) => all | Of(fault));
        if (username.Length == 0) faults = (faults & ~ImportFaults.UsernameInvalid) | ImportFaults.UsernameMissing;
        if (newEmail && _byEmail.TryGetValue(AccountName.Normalize(email), out var holder) && holder.Id != person?.Id)
            faults |= ImportFaults.EmailTaken;
        if (person is { IsSystemAdministrator: true }) faults |= ImportFaults.Administrator;
        return faults != ImportFaults.None
            ? new(ImportVerdict.Wrong, faults, person)
            : new(person is null ? ImportVerdict.New : ImportVerdict.Changed, faults, person);
    }

    private static IQueryable<Known> Read(IQueryable<PortalUser> users) =>
        users.Select(u => new Known(u.Id, u.NormalizedUserName!, u.Name, u.Email, u.NormalizedEmail, u.IsSystemAdministrator));

    private static ImportFaults Of(UserFault fault) => fault switch
    {
        UserFault.UsernameMixed => ImportFaults.UsernameMixed,
        UserFault.UsernameUnreadable => ImportFaults.UsernameUnreadable,
        UserFault.NameInvalid => ImportFaults.NameInvalid,
        UserFault.NameUnreadable => ImportFaults.NameUnreadable,
        UserFault.EmailInvalid => ImportFaults.EmailInvalid,
        UserFault.EmailUnreadable => ImportFaults.EmailUnreadable,
        UserFault.EmailTaken => ImportFaults.EmailTaken,
        _ => ImportFaults.UsernameInvalid,
    };

    /// <summary>A person there is.</summary>
    internal sealed record Known(Guid Id, string NormalizedUsername, string Name, string? Email, string? NormalizedEmail, bool IsSystemAdministrator);
}

/// <summary>What a row would do.</summary>
/// <param name="Person">Who has the username; null if nobody does.</param>
internal sealed record Judgement(ImportVerdict Verdict, ImportFaults Faults, ImportRules.Known? Person);
