using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Data;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.Support;
using OpenCrm.Portal.Users;

namespace OpenCrm.Portal.Tests.Users;

/// <summary>A portal with users of every status, enrolment and last sign-in, and the list as a signed-in person has it.</summary>
internal static class UserListFixture
{
    public static async Task<PortalHost> StartAsync(PortalSettings settings, int made)
    {
        var portal = await PortalHost.StartAsync(settings);
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        for (var i = 0; i < made; i++)
        {
            var user = NewUsers.Add(
                work,
                $"person.{i:000}",
                i == 50 ? "Ünal 50" : $"Person {i / 2 * 2 + (i is 31 or 77 or 99 ? 1 : 0)}",
                $"mail{i:000}@example.test",
                "x",
                systemAdministrator: i % 10 == 0);
            user.TwoFactorEnabled = i % 3 == 0;
            // Many with the same time, and many who have never signed in.
            user.LastSignInAt = i % 4 == 0 ? null : portal.Now - TimeSpan.FromHours(i % 7);
            if (i % 9 == 1) user.State = AccountState.Inactive;
            if (i % 9 == 2) user.State = AccountState.Locked;
            if (i % 9 == 4)
            {
                user.LockoutEnd = i == 31 ? portal.Now + TimeSpan.FromMinutes(15)
                    : i % 2 == 0 ? DateTimeOffset.MaxValue
                    : portal.Now - TimeSpan.FromMinutes(1);
            }
        }
        await work.CommitAsync();
        return portal;
    }

    public static async Task<List<UserPage>> WalkAsync(UserList list, UserQuery start, Func<UserPage, UserQuery?> turn)
    {
        var pages = new List<UserPage>();
        for (var query = start; query is not null; query = turn(pages[^1]))
        {
            pages.Add(await list.ReadAsync(query));
            Assert.True(pages.Count < 100, "The pages never end");
        }
        return pages;
    }

    public static Task<List<UserPage>> ForwardAsync(UserList list, UserQuery query) =>
        WalkAsync(list, query, page => page.Next is { } next ? query.After(next) : null);

    public static async Task SwitchMfaAsync(PortalHost portal, bool on)
    {
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().BeginAsync();
        await work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaEnabled, on));
        await work.CommitAsync();
    }

    public sealed record Small(int Sortable, int Window);

    public static async Task<UserList> SignInAsync(PortalHost portal, bool administrator, Small? small = null)
    {
        var scope = portal.NewCircuit();
        var (admin, user) = await SessionsAsync(portal);
        await using var work = await portal.Services.GetRequiredService<UnitsOfWork>().ReadAsync();
        scope.ServiceProvider.GetRequiredService<PortalAuthenticationStateProvider>()
            .Switch(Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, administrator ? admin : user)));
        return small is null
            ? scope.ServiceProvider.GetRequiredService<UserList>()
            : new(scope.ServiceProvider.GetRequiredService<UnitsOfWork>(), scope.ServiceProvider.GetRequiredService<CurrentCaller>())
            {
                Sortable = small.Sortable,
                Indexed = small.Sortable,
                Window = small.Window
            };
    }

    /// <summary>New sessions of an administrator and of a user who is none.</summary>
    public static Task<(Guid Administrator, Guid User)> SessionsAsync(PortalHost portal) => portal.AddSessionsAsync("PERSON.000", "PERSON.003");
}
