using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.SignIn;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.LostDevice;

/// <summary>The lost-device flow as people meet it: asking, the mail, confirming.</summary>
internal static class LostDeviceFixture
{
    public const string Mail = "lost-device-link";

    /// <summary>Starts a portal with MFA switched on.</summary>
    public static async Task<PortalHost> StartAsync(
        PostgresCluster postgres, DatabaseKind database, Func<PortalSettings, PortalSettings>? with = null)
    {
        var settings = TwoNodes.Raised(await postgres.NewAsync(database));
        var portal = await PortalHost.StartAsync(with?.Invoke(settings) ?? settings);
        await portal.SetSecurityAsync();
        return portal;
    }

    public static LostDeviceFlow LostDevice(this CircuitVisitor visitor) => visitor.Services.GetRequiredService<LostDeviceFlow>();

    public static Task<LostDeviceOutcome> ConfirmAsync(this CircuitVisitor visitor, string token, TestPerson person, string? password = null) =>
        visitor.LostDevice().ConfirmAsync(token, person.Username, password ?? person.Password);

    /// <summary>Confirms in a browser of its own.</summary>
    public static async Task<LostDeviceOutcome> ConfirmAsync(this PortalHost portal, string token, TestPerson person, string? password = null)
    {
        await using var visitor = CircuitVisitor.At(portal);
        return await visitor.ConfirmAsync(token, person, password);
    }

    public static async Task<bool> AskAsync(this PortalHost portal, string name, string address = "192.0.2.1")
    {
        await using var visitor = CircuitVisitor.At(portal, address);
        return await visitor.LostDevice().AskAsync(name);
    }

    /// <summary>Waits until the workers have handled every request.</summary>
    public static Task AnsweredAsync(this PortalHost portal) =>
        Eventually.TrueAsync(
            async () => await portal.CountAsync<MailedLinkRequest>(requests => requests.Where(r => r.AnsweredAt == null)) == 0,
            "all requests are answered");

    /// <summary>Asks for a link, and returns the token of the link that is open now, taken from its mail.</summary>
    public static async Task<string> LinkAsync(this PortalHost portal, TestPerson person)
    {
        Assert.True(await portal.AskAsync(person.Username));
        await portal.AnsweredAsync();
        var open = Assert.Single(await portal.LinksAsync(person), link => link.ConsumedAt is null);
        return Assert.Single(
            (await portal.MailsAsync(Mail, person.Email)).Select(Token),
            token => SecretToken.Hash(token).SequenceEqual(open.TokenHash));
    }

    public static async Task<List<MailedLink>> LinksAsync(this PortalHost portal, TestPerson person) =>
        await portal.RowsAsync<MailedLink>(links => links.Where(l => l.UserId == person.Id && l.Kind == MailedLinkKind.LostDevice));

    /// <summary>Returns the values of the mails made from that template, to one address or to everybody.</summary>
    public static async Task<List<IReadOnlyDictionary<string, string>>> MailsAsync(this PortalHost portal, string template, string? to = null)
    {
        await using var work = await portal.BeginAsync();
        var entries = await work.Query<OutboxEntry>().Where(e => e.TemplateKey == template && (to == null || e.RecipientAddress == to)).ToListAsync();
        return [.. entries.Select(e => work.Values(e))];
    }

    public static async Task<List<T>> RowsAsync<T>(this PortalHost portal, Func<IQueryable<T>, IQueryable<T>>? filter = null) where T : class
    {
        await using var work = await portal.BeginAsync();
        return await (filter?.Invoke(work.Query<T>()) ?? work.Query<T>()).ToListAsync();
    }

    public static string Token(IReadOnlyDictionary<string, string> mail) => mail["link"].Split('#')[1];

    /// <summary>Sets the waiting time of lost-device links, in hours.</summary>
    public static Task WaitAsync(this PortalHost portal, int hours) => ChangeAsync(
        portal, work => work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.LostDeviceWaitHours, hours)));

    /// <summary>The worker that removes MFA after a waiting time; it also runs by itself when the clock is turned.</summary>
    public static MfaRemovalWorker Worker(this PortalHost portal) =>
        portal.Services.GetServices<IHostedService>().OfType<MfaRemovalWorker>().Single();

    public static Task RemovedAsync(this PortalHost portal, TestPerson person) =>
        Eventually.TrueAsync(async () => !(await portal.UserAsync(person)).TwoFactorEnabled, $"MFA of {person.Username} is removed");

    public static async Task ChangeAsync(PortalHost portal, Func<UnitOfWork, Task> change)
    {
        await using var work = await portal.BeginAsync();
        await change(work);
        await work.CommitAsync();
    }

    public static Task UnlockAsync(PortalHost portal, TestPerson person) =>
        ChangeAsync(portal, async work => Assert.True(await work.Locks.UnlockAsync(person.Id, work.Now)));

    public static async Task SignInByCodeAsync(PortalHost portal, CircuitVisitor visitor, TestPerson person)
    {
        Assert.IsType<SignInOutcome.CodeRequired>(await visitor.PasswordAsync(person.Username, person.Password));
        var proved = Assert.IsType<SignInOutcome.Proved>(await visitor.CodeAsync(await Oathtool.CodeAsync(person.Secret!, portal.Now)));
        Assert.Equal(HttpStatusCode.NoContent, await visitor.RedeemAsync(proved.Ticket));
    }
}
