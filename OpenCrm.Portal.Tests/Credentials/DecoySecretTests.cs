using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>Every sign-in needs the secret with which unknown names are counted.</summary>
public sealed class DecoySecretTests(PostgresCluster postgres)
{
    private const string Name = "Decoy names";

    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Red when the key ring was created anew and the exception gets through: nobody can sign in then. Red too when each of several parallel sign-ins
    /// stores a secret of its own.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task One_that_no_key_opens_any_more_is_replaced_once_and_keeps_nobody_out(DatabaseKind kind)
    {
        await using var host = await PortalHost.StartAsync(
            TwoNodes.Raised(await postgres.NewAsync(kind)),
            replace: services => services.AddFakeLogging());
        var ada = await host.AddPersonAsync();
        byte[] foreign;
        await using (var work = await host.BeginAsync())
        {
            foreign = work.Encryption.Protect("Another purpose", new byte[32]);
            work.Add(new PortalSecret { Name = Name, ProtectedValue = foreign });
            await work.CommitAsync();
        }

        var wrong = await TestAccounts.AtOnceAsync(Enumerable.Repeat(() => GuessAsync(host, "nobody", "Not the pass phrase"), 4));

        Assert.All(wrong, outcome => Assert.IsType<Refusal.Wrong>(Refused.For(outcome)));
        Assert.IsType<SignInOutcome.Proved>(await GuessAsync(host, "ada", ada.Password));
        await using (var work = await host.BeginAsync())
        {
            // One secret for all, and so one counter.
            Assert.Equal(32, work.Encryption.Unprotect(Name, await work.Secrets.FindOrAddAsync(Name, foreign)).Length);
            Assert.Equal([4], await work.Query<DecoyAccount>().Select(d => d.AccessFailedCount).ToListAsync());
        }
        var line = Assert.Single(host.Services.GetFakeLogCollector().GetSnapshot(), line => line.Category == typeof(DecoyNames).FullName);
        Assert.Contains("KeyRing:CertificatePath", line.Message, StringComparison.Ordinal);
    }

    private static async Task<SignInOutcome> GuessAsync(PortalHost host, string name, string password)
    {
        await using var visitor = CircuitVisitor.At(host);
        return await visitor.PasswordAsync(name, password);
    }
}
