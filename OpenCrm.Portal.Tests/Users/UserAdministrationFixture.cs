using Microsoft.EntityFrameworkCore;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Mail;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>A portal with cheap hashes, and the services of administrators as their open pages hold them.</summary>
internal static class UserAdministrationFixture
{
    public static UserAdministration Administration(Seat seat) => seat.Service<UserAdministration>();

    public static UserDetails Details(Seat seat) => seat.Service<UserDetails>();

    public static Task<int> MailsAsync(PortalHost portal, string template, string? to = null) =>
        portal.CountAsync<OutboxEntry>(entries => entries.Where(e => e.TemplateKey == template && (to == null || e.RecipientAddress == to)));

    /// <summary>Creates an open link to set a new password, without mailing it.</summary>
    public static async Task<string> LinkAsync(PortalHost portal, TestPerson person)
    {
        await using var work = await portal.BeginAsync();
        var (token, _) = await MailedLinks.CreateAsync(
            work, (await work.Users.FindAsync(person.Id))!, MailedLinkKind.ForgottenPassword, new Caller.Nobody());
        await work.CommitAsync();
        return token;
    }

    /// <summary>Takes the role from the administrator of the set-up.</summary>
    public static async Task OnlyAsync(PortalHost portal)
    {
        await using var work = await portal.BeginAsync();
        await work.Query<PortalUser>().ExecuteUpdateAsync(set => set.SetProperty(u => u.IsSystemAdministrator, false));
        await work.CommitAsync();
    }

    public static async Task ChangeAsync(PortalHost portal, TestPerson person, Func<IQueryable<PortalUser>, Task> change)
    {
        await using var work = await portal.BeginAsync();
        await change(work.Query<PortalUser>().Where(u => u.Id == person.Id));
        await work.CommitAsync();
    }

    public static async Task<PortalHost> StartAsync(PostgresCluster postgres, DatabaseKind database) =>
        await PortalHost.StartAsync(TwoNodes.Raised(await postgres.NewAsync(database)));
}
