using System.Net;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Abuse;

/// <summary>Recovery codes on two nodes at once (docs/spec.md 11.1): one code, one use.</summary>
public sealed class RecoveryRaceTests(PostgresCluster postgres)
{
    /// <summary>Red when a code is used up without the condition that it is unused.</summary>
    [Fact]
    public async Task The_same_code_from_twenty_half_done_sign_ins_gives_one_session()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync(attempts: 100);
        var ada = await nodes.A.AddPersonAsync(enrolled: true);
        var code = (await nodes.A.GiveRecoveryCodesAsync(ada))[0];
        var visitors = Enumerable.Range(0, 20).Select(n => CircuitVisitor.At(nodes[n])).ToList();
        foreach (var visitor in visitors) Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, ada.Password));

        var statuses = await TestAccounts.AtOnceAsync(visitors.Select(visitor => (Func<Task<HttpStatusCode?>>)(async () =>
            await visitor.CodeAsync(code) is SignInOutcome.Proved proved ? await visitor.RedeemAsync(proved.Ticket) : null)));

        Assert.Equal(HttpStatusCode.NoContent, Assert.Single(statuses, status => status is not null));
        Assert.Equal(1, await nodes.A.CountAsync<PortalSession>());
        Assert.Equal((1, 19), (
            await nodes.A.EventsAsync<AuditEvent.RecoveryCodeUsed>(ada), await nodes.A.EventsAsync<AuditEvent.WrongRecoveryCode>(ada)));
        Assert.Equal(9, await nodes.A.CountAsync<RecoveryCode>(all => all.Where(c => c.UsedAt == null)));
        foreach (var visitor in visitors) await visitor.DisposeAsync();
    }

    /// <summary>
    /// Red when the half-done sign-in is not used up with the answer: it would give two sessions, and the code would be gone for nothing.
    /// </summary>
    [Fact]
    public async Task A_code_and_six_digits_for_one_half_done_sign_in_give_one_session_and_use_up_what_won()
    {
        await using var nodes = await TwoNodes.StartAsync(postgres);
        await nodes.A.SetSecurityAsync(attempts: 100);
        for (var round = 0; round < 6; round++)
        {
            var ada = await nodes.A.AddPersonAsync($"ada{round}", enrolled: true);
            var code = (await nodes.A.GiveRecoveryCodesAsync(ada))[0];
            var digits = await Oathtool.CodeAsync(ada.Secret!, nodes.Now);
            await using var visitor = CircuitVisitor.At(nodes.A);
            Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(ada.Username, ada.Password));

            var outcomes = await TestAccounts.AtOnceAsync(
                new[] { code, digits }.Select(typed => (Func<Task<SignInOutcome>>)(() => visitor.CodeAsync(typed))));

            Assert.Single(outcomes, outcome => outcome is SignInOutcome.Proved);
            var byCode = outcomes[0] is SignInOutcome.Proved;
            Assert.Equal(byCode ? 1 : 0, await nodes.A.EventsAsync<AuditEvent.RecoveryCodeUsed>(ada));
            Assert.Equal(
                !byCode, Assert.Single(await nodes.A.AuthenticatorsAsync(ada)).LastStep == AuthenticatorKey.StepAt(nodes.Now));
        }
    }
}
