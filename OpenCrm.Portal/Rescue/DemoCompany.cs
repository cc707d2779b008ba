using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Rescue;

/// <summary>
/// Fills the portal with a made-up company for trials and measurements: names, statuses, enrolments and recent events are mixed as in a real one.
/// </summary>
public sealed class DemoCompany(UnitsOfWork units, PasswordHashing hashing, KeyFingerprints fingerprints)
{
    public const int Largest = 2_000_000;
    private const int Batch = 20_000;

    /// <summary>How many days the audit events reach back.</summary>
    private const int Days = 60;

    /// <summary>One user in this many is a system administrator.</summary>
    private const int Administered = 1_000;

    // Names near the beginning are picked more often.
    private static readonly string[] FirstNames =
        ["Anna", "Peter", "Maria", "Thomas", "Julia", "Marcus", "Elena", "Jonas", "Sofia", "Paul", "Nadia", "Erik", "Hana", "Grace", "Tom", "Aisha",
         "Lukas", "Mei", "Pedro", "Ingrid", "Omar", "Laura", "Ravi", "Zoë", "Fatima", "Luis", "Olga", "Sam", "Yuki", "Karl", "Amara", "Chloé", "Ivan",
         "Leila", "Ünal", "Ann", "Björn", "Camille", "Dmitri", "Esther", "Finn", "Giulia", "Henrik", "Ines", "Jakub", "Kofi", "Lena", "Matteo",
         "Noor", "Oskar", "Priya", "Quentin", "Rosa", "Stefan", "Tereza", "Umar", "Vera", "Willem", "Xenia", "Zuzana"];

    private static readonly string[] LastNames =
        ["Andersson", "Schmidt", "Martin", "Smith", "Novak", "Rossi", "Nilsson", "Fischer", "Weber", "Jansen", "Silva", "Khan", "Chen", "Murphy",
         "Dubois", "Kowalski", "Hansen", "Taylor", "Patel", "Moreau", "Okafor", "Demir", "Lindqvist", "Kimura", "Whitcombe", "Baker", "Berg",
         "Haddad", "Popescu", "Rahman", "García", "Ivanova", "Tanaka", "Nwosu", "Petrov", "Karimi", "O’Brien", "Horvat", "Yilmaz", "Costa", "Johnson",
         "Petersen", "Eriksson", "Wagner", "Keller", "Bianchi", "Santos", "Nguyen", "Kovács", "Dvořák", "Laurent", "Olsen", "Virtanen",
         "Papadopoulos", "Mazur", "Ferrari", "Lehmann", "Sørensen", "Walker", "Mensah", "Achterberg", "Bjarnason", "Castellanos", "Djokovic",
         "Eichendorff", "Fitzgerald", "Grzybowski", "Hrdlička", "Iñiguez", "Jørgensen", "Kvaratskhelia", "Lee", "MacGregor", "Nkrumah", "Oyelaran",
         "Przybylski", "Quispe", "Rzepka", "Szczepaniak", "Tchaikovsky", "Urquhart", "Vandenberghe", "Wójcik", "Xhaka", "Ybarra", "Zhivkova",
         "van Zyl"];

    /// <summary>Makes the users. Does nothing while there is no administrator, so that a demo never replaces set-up.</summary>
    /// <param name="count">How many users to make.</param>
    /// <param name="seed">Makes the same people each time, where pictures or figures are compared; null for other ones.</param>
    /// <param name="cancel">Ends it between two batches.</param>
    /// <returns>The one password of all made users; null if nothing was made.</returns>
    public async Task<string?> FillAsync(int count, int? seed = null, CancellationToken cancel = default)
    {
        var dice = new DemoDice(seed);
        int already;
        await using (var work = await units.ReadAsync(cancel))
        {
            if ((await work.ReadSettingsAsync<GeneralSettings>(cancel)).SetUpAt is null) return null;
            already = await work.Users.CountAsync(cancel);
        }
        var password = SecretToken.Generate();
        // One hash for all: hashing a password for each of a million users would take a day.
        var hash = await hashing.HashAsync(password, cancel);
        for (var made = 0; made < count; made += Batch)
        {
            await using var work = await units.BeginAsync(cancel);
            var users = Enumerable.Range(already + made, Math.Min(Batch, count - made)).Select(number => Make(work, dice, number, hash)).ToList();
            var authenticators = new Dictionary<Guid, Authenticator>();
            foreach (var user in users.Where(user => user.EnrolmentId is not null))
                authenticators[user.Id] = await MakeAuthenticatorAsync(work, dice, user, cancel);
            await work.WriteAsync(users, cancel);
            await work.WriteAsync(authenticators.Values, cancel);
            await work.WriteAsync(
                [.. users.SelectMany(user => Events(user, authenticators.GetValueOrDefault(user.Id), dice, work.Now))
                    .OrderBy(happened => happened.At)], cancel);
            if (made + Batch >= count) work.Record(new AuditEvent.UsersMade(count), new Caller.Console());
            await work.CommitAsync(cancel);
        }
        return password;
    }

    private static PortalUser Make(UnitOfWork work, DemoDice dice, int number, string hash)
    {
        var (first, last) = (Pick(dice, FirstNames), Pick(dice, LastNames));
        var username = $"{Plain(first)}.{Plain(last)}{number}";
        var user = NewUsers.Make(
            work.Now, username, $"{first} {last}", $"{username}@demo.example", hash, systemAdministrator: number % Administered == 1);
        user.CreatedAt = work.Now - TimeSpan.FromDays(dice.Next(Days + 1, 1500));
        if (!Chance(dice, 12)) user.LastSignInAt = work.Now - WithinDays(dice);
        if (Chance(dice, 4)) user.State = AccountState.Inactive;
        else if (Chance(dice, 2)) user.State = AccountState.Locked;
        else if (Chance(dice, 2)) user.LockoutEnd = DateTimeOffset.MaxValue;
        if (Chance(dice, 30)) (user.TwoFactorEnabled, user.EnrolmentId) = (true, Guid.CreateVersion7(work.Now));
        return user;
    }

    private async Task<Authenticator> MakeAuthenticatorAsync(UnitOfWork work, DemoDice dice, PortalUser user, CancellationToken cancel)
    {
        var key = AuthenticatorKey.Generate();
        return new()
        {
            Id = user.EnrolmentId!.Value,
            UserId = user.Id,
            Name = Texts.Enrolment_DefaultName,
            ProtectedKey = AuthenticatorKeys.Protect(work, user.Id, key),
            KeyFingerprint = await fingerprints.ComputeAsync(work, key, cancel),
            SetUpAt = work.Now - WithinDays(dice),
            SetUpById = user.Id,
        };
    }

    private static IEnumerable<AuditEntry> Events(PortalUser user, Authenticator? authenticator, DemoDice dice, DateTimeOffset now)
    {
        var person = new Caller.Person(user.Id, user.Name, Guid.Empty, user.IsSystemAdministrator, now)
        { Address = $"10.20.{dice.Next(32)}.{dice.Next(1, 255)}" };
        var stranger = new Caller.Nobody { Address = $"198.51.100.{dice.Next(1, 255)}" };
        if (authenticator is not null)
            yield return AuditTrail.Entry(new AuditEvent.MfaSetUp(user.Id, Replaced: false), person, authenticator.SetUpAt);
        if (user.LastSignInAt is { } signedIn)
        {
            if (Chance(dice, 10))
            {
                var wrong = new AuditEvent.WrongPassword(user.Id, nameof(AskedAt.SignIn));
                yield return AuditTrail.Entry(wrong, stranger, signedIn - TimeSpan.FromSeconds(20));
            }
            var how = user.TwoFactorEnabled ? "password and code" : "password";
            yield return AuditTrail.Entry(new AuditEvent.SignedIn(user.Id, how), person, signedIn);
        }
        if (user.LockoutEnd is not null)
            yield return AuditTrail.Entry(new AuditEvent.LockedAfterFailures(user.Id, 5, Until: null), stranger, now - WithinDays(dice));
    }

    private static string Pick(DemoDice dice, string[] names) =>
        names[Math.Min(dice.Next(names.Length), dice.Next(names.Length))];

    private static TimeSpan WithinDays(DemoDice dice) => TimeSpan.FromSeconds(dice.Next(1, Days * 24 * 60 * 60));

    private static bool Chance(DemoDice dice, int percent) => dice.Next(100) < percent;

    private static string Plain(string name) => new([.. name.ToLowerInvariant().Where(char.IsLetter)]);
}
