using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Servers;

/// <summary>
/// Authenticators for hundreds of people at once, written as the wizard writes them: a code is accepted once, so a run of many sign-ins needs many
/// people. Only for the portal of this repository, whose code it uses.
/// </summary>
internal static class DirectEnrolment
{
    /// <returns>The same people with their keys.</returns>
    public static async Task<IReadOnlyList<Person>> EnrolAsync(PortalSettings settings, string dataFolder, IReadOnlyList<Person> people)
    {
        await using var app = await PortalServices.BuildAsync(settings.ToConfiguration(dataFolder, "http://localhost"));
        List<Person> enrolled = [];
        foreach (var batch in people.Chunk(500))
        {
            await using var work = await app.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
            var names = batch.Select(person => person.Name).ToList();
            var users = await work.Tracked<PortalUser>().Where(user => names.Contains(user.UserName!)).ToDictionaryAsync(user => user.UserName!);
            foreach (var person in batch)
            {
                var (user, key) = (users[person.Name], AuthenticatorKey.Generate());
                (user.TwoFactorEnabled, user.EnrolmentId) = (true, Guid.CreateVersion7(work.Now));
                work.Add(new Authenticator
                {
                    Id = user.EnrolmentId.Value,
                    UserId = user.Id,
                    Name = "Authenticator app",
                    ProtectedKey = AuthenticatorKeys.Protect(work, user.Id, key),
                    SetUpAt = work.Now,
                    SetUpById = user.Id,
                });
                // Saved already, so that no sign-in makes fresh ones.
                work.Add(new RecoveryCodeSet
                {
                    Id = Guid.CreateVersion7(work.Now),
                    UserId = user.Id,
                    Salt = new byte[16],
                    MadeAt = work.Now,
                    SavedAt = work.Now,
                });
                enrolled.Add(person with { Key = key.ToBytes() });
            }
            await work.CommitAsync();
        }
        return enrolled;
    }
}
