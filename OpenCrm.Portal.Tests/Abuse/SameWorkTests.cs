using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>
/// What a sign-in costs shows nobody how many authenticators a person has (docs/spec.md 11.1, 11.4): the statements and hashes are the same.
/// </summary>
public sealed class SameWorkTests(PostgresCluster postgres)
{
    public static TheoryData<DatabaseKind> Both => DatabaseKinds.Both;

    /// <summary>
    /// Red when each authenticator is read, or its step used up, by a statement of its own, and when a sign-in with digits looks for codes.
    /// </summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_sign_in_with_five_authenticators_and_ten_codes_runs_the_statements_and_hashes_of_one_with_one_and_none(DatabaseKind kind)
    {
        var watch = new StatementWatch();
        await using var portal = await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(kind)), replace: watch.Watch);
        await portal.SetSecurityAsync();
        using var hashes = new MetricCollector<double>(
            portal.Services.GetRequiredService<IMeterFactory>(), "OpenCrm.Portal", "portal.hashes.duration");
        var (ada, bob) = (await portal.AddPersonAsync(enrolled: true), await portal.AddPersonAsync("bob", enrolled: true));
        var last = bob.Secret!;
        for (var n = 1; n < Authenticator.MostPerUser; n++) last = await portal.AddAuthenticatorAsync(bob);
        await using (var work = await portal.BeginAsync())
        {
            await work.RecoveryCodes.EndAsync(ada.Id);
            await work.CommitAsync();
        }
        // What is made once in a process is made here.
        await SignInAsync(portal, await portal.AddPersonAsync("somebody", enrolled: true), null);

        var one = await MeasureAsync(ada, ada.Secret!);
        var five = await MeasureAsync(bob, last);

        Assert.Equal(one, five);

        async Task<(string Right, string Wrong, int Hashes)> MeasureAsync(TestPerson person, string secret)
        {
            var (wrongCode, code) = (await Oathtool.WrongCodeAsync(secret, portal.Now), await Oathtool.CodeAsync(secret, portal.Now));
            hashes.Clear();
            var wrong = await watch.OfAsync(() => SignInAsync(portal, person, wrongCode));
            Assert.IsType<Refusal.Wrong>(Refused.For(wrong.Result));
            var right = await watch.OfAsync(() => SignInAsync(portal, person, code));
            Assert.IsType<SignInOutcome.Proved>(right.Result);
            return (right.Statements, wrong.Statements, hashes.GetMeasurementSnapshot().Count);
        }
    }

    private static async Task<SignInOutcome> SignInAsync(PortalHost portal, TestPerson person, string? code)
    {
        await using var visitor = CircuitVisitor.At(portal);
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(person.Username, person.Password));
        return await visitor.CodeAsync(code ?? await Oathtool.CodeAsync(person.Secret!, portal.Now));
    }
}
