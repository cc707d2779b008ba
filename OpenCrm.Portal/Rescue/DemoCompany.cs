using System.Security.Cryptography;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;

namespace OpenCrm.Portal.Rescue;

/// <summary>A made-up company for trying out and measuring: names, statuses and enrolments mixed as in a real one.</summary>
public sealed class DemoCompany(UnitsOfWork units, PasswordHashing hashing)
{
    public const int Largest = 2_000_000;
    private const int Batch = 2_000;

    private static readonly string[] FirstNames =
        ["Ann", "Marcus", "Elena", "Ünal", "Sofia", "Jonas", "Hana", "Grace", "Tom", "Aisha", "Lukas", "Mei", "Pedro", "Ingrid", "Omar", "Julia", "Ravi", "Zoë", "Peter", "Nadia", "Erik", "Fatima", "Luis", "Olga", "Sam", "Yuki", "Karl", "Amara", "Paul", "Chloé", "Ivan", "Leila"];

    private static readonly string[] LastNames =
        ["Lee", "Okafor", "Rossi", "Demir", "Lindqvist", "Weber", "Kimura", "Whitcombe", "Baker", "Khan", "Novak", "Chen", "Silva", "Berg", "Haddad", "Schmidt", "Patel", "Martin", "Jansen", "Popescu", "Nilsson", "Rahman", "García", "Ivanova", "Taylor", "Tanaka", "Fischer", "Nwosu", "Dubois", "Moreau", "Petrov", "Karimi", "Smith", "O’Brien", "Murphy", "Kowalski", "Horvat", "Yilmaz", "Costa", "Hansen"];

    /// <summary>Makes the users; null while there is no administrator, so that a demo never stands in for set-up.</summary>
    /// <returns>The one password that all of them have.</returns>
    public async Task<string?> FillAsync(int count, CancellationToken cancel = default)
    {
        int already;
        await using (var work = await units.ReadAsync(cancel))
        {
            if ((await work.SettingsAsync<GeneralSettings>(cancel)).SetUpAt is null) return null;
            already = await work.Users.CountAsync(cancel);
        }
        var password = SecretToken.Generate();
        // One hash for all: a million of their own would take a day.
        var hash = await hashing.HashAsync(password, cancel);
        for (var made = 0; made < count; made += Batch)
        {
            await using var work = await units.BeginAsync(cancel);
            for (var i = made; i < Math.Min(made + Batch, count); i++) Add(work, already + i, hash);
            if (made + Batch >= count) work.Record(new AuditEvent.UsersMade(count), new Caller.Console());
            await work.CommitAsync(cancel);
        }
        return password;
    }

    private static void Add(UnitOfWork work, int number, string hash)
    {
        var (first, last) = (Pick(FirstNames), Pick(LastNames));
        var username = $"{Plain(first)}.{Plain(last)}{number}";
        var user = NewUsers.Add(work, username, $"{first} {last}", $"{username}@demo.example", hash, systemAdministrator: Chance(2));
        user.CreatedAt = work.Now - TimeSpan.FromDays(RandomNumberGenerator.GetInt32(1, 1500));
        if (!Chance(12)) user.LastSignInAt = work.Now - TimeSpan.FromMinutes(RandomNumberGenerator.GetInt32(1, 60 * 24 * 60));
        if (Chance(4)) user.State = AccountState.Inactive;
        else if (Chance(2)) user.State = AccountState.Locked;
        else if (Chance(2)) user.LockoutEnd = DateTimeOffset.MaxValue;
        if (!Chance(30)) return;
        user.TwoFactorEnabled = true;
        user.Authenticator = new()
        {
            Id = Guid.CreateVersion7(work.Now),
            ProtectedKey = AuthenticatorKeys.Protect(work, user.Id, AuthenticatorKey.Generate()),
            SetUpAt = user.CreatedAt + TimeSpan.FromHours(1),
            SetUpById = user.Id,
        };
    }

    private static string Pick(string[] names) => names[RandomNumberGenerator.GetInt32(names.Length)];

    private static bool Chance(int percent) => RandomNumberGenerator.GetInt32(100) < percent;

    private static string Plain(string name) => new([.. name.ToLowerInvariant().Where(char.IsLetter)]);
}
