using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.Sessions;
using OpenCrm.Portal.Tests.LostDevice;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Credentials;

/// <summary>People who are on hold after a recovery.</summary>
internal static class RecoveryHoldFixture
{
    /// <summary>Starts the hold as a recovery does, in a transaction that holds the user's row.</summary>
    public static Task HoldAsync(this PortalHost portal, TestPerson person, RecoveryKind recovery = RecoveryKind.RecoveryCode) =>
        LostDeviceFixture.ChangeAsync(portal, async work => await portal.Services.GetRequiredService<RecoveryHolds>()
            .StartAsync(work, (await work.Users.HoldAsync(person.Id))!, recovery, new Caller.Nobody()));

    /// <summary>As after its hours, or when an administrator lifted it.</summary>
    public static Task EndHoldAsync(this PortalHost portal, TestPerson person) => LostDeviceFixture.ChangeAsync(
        portal, work => work.Query<RecoveryHold>().Where(hold => hold.UserId == person.Id).ExecuteDeleteAsync());

    /// <summary>Until when the person is on hold, as every check of a session reads it; null if they are not.</summary>
    public static async Task<DateTimeOffset?> HeldUntilAsync(this PortalHost portal, Seat seat)
    {
        await using var work = await portal.BeginAsync();
        return Assert.IsType<SessionState.Active>(await SessionCheck.EvaluateAsync(work, seat.SessionId)).Caller.HeldUntil;
    }

    /// <summary>What the open page knows: the note at its top is drawn from this.</summary>
    public static async Task<bool> ShowsHoldAsync(this Seat seat) =>
        (await seat.Page.GetAuthenticationStateAsync()).User.HasClaim(claim => claim.Type == PortalClaims.HeldUntil);

    public static Task SetHoldAsync(this PortalHost portal, int hours) => LostDeviceFixture.ChangeAsync(
        portal, work => work.Query<SecuritySettings>().ExecuteUpdateAsync(set => set.SetProperty(s => s.RecoveryHoldHours, hours)));
}
